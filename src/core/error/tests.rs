//! Every recorded or documented error of AWS has the class in this table, and each class has one consequence.

use crate::core::error::Error;
use crate::core::error::class::Class;
use crate::core::error::classify::classify;
use crate::core::operation::Operation;
use crate::core::withheld::Withheld;

const RECORDED: &str = include_str!("../../../tests/data/aws-recorded-errors.txt");

/// The call, the class, the error code, and the beginnings of the texts.
type Row = (Operation, Class, &'static str, &'static [&'static str]);

/// Each recorded text belongs to one row, and each row has a recorded text.
#[test]
fn every_recorded_text_has_the_class_that_the_table_says() {
    let mut used = std::collections::BTreeSet::new();
    assert_eq!(RECORDED.lines().count(), 151);
    for line in RECORDED.lines() {
        let (head, rest) = line.split_once(" | ").unwrap();
        let (text, _snapshot) = rest.rsplit_once(" | ").unwrap_or_default();
        let (code, status) = head.split_once(' ').unwrap();
        let rows: Vec<_> = TABLE
            .iter()
            .filter(|row| row.2 == code)
            .flat_map(|row| row.3.iter().map(move |beginning| (row, *beginning)))
            .filter(|(_, beginning)| if beginning.is_empty() { text.is_empty() } else { text.starts_with(beginning) })
            .collect();
        let [((operation, class, ..), beginning)] = rows[..] else { panic!("{} rows for {line}", rows.len()) };
        assert_eq!(classify(*operation, code, status.parse().unwrap(), text), *class, "{line}");
        used.insert((code, beginning));
    }
    let rows = TABLE.iter().flat_map(|row| row.3.iter().map(|beginning| (row.2, *beginning)));
    let unused: Vec<_> = rows.filter(|row| !used.contains(row)).collect();
    assert!(unused.is_empty(), "nothing was recorded that begins with {unused:?}");
}

/// Texts that AWS documents or that other projects report, and that the recordings do not contain.
#[test]
fn every_other_known_text_has_the_class_that_the_table_says() {
    for (operation, class, code, status, text) in KNOWN {
        assert_eq!(classify(*operation, code, *status, text), *class, "{code} {text}");
    }
    for class in Class::ALL {
        let recorded = TABLE.iter().any(|row| row.1 == class);
        let met = MET.iter().any(|met| met.class == class);
        assert!(recorded || met || KNOWN.iter().any(|row| row.1 == class), "{class:?} is never met");
    }
}

#[test]
fn the_advice_fits_the_error_code() {
    let advice = |code: &str| Error::new(Operation::CreateFunction, code, 400, "").advice();
    assert!(advice("CodeVerificationFailedException").starts_with("Sign the package"));
    assert!(advice("InvalidCodeSignatureException").starts_with("Sign the package"));
    assert!(advice("ValidationException").starts_with("Correct the spec"));
    assert!(advice("CodeStorageExceededException").starts_with("Delete unused resources"));
}

/// A text of AWS, its source, and its consequence.
struct Met {
    origin: &'static str,
    operation: Operation,
    code: &'static str,
    status: u16,
    text: &'static str,
    class: Class,
    /// Words of the advice.
    advice: &'static str,
    /// Words of the advice to an object that is being deleted.
    last: &'static str,
}

#[test]
fn texts_that_were_met_have_their_class_and_advice() {
    for Met { origin, operation, code, status, text, class, advice, last } in MET {
        let error = Error::new(*operation, code, *status, text);
        assert_eq!(error.class, *class, "{origin}: {text}");
        assert!(error.advice().contains(advice), "{origin}: {}", error.advice());
        assert!(error.last_advice().contains(last), "{origin}: {}", error.last_advice());
    }
}

/// A pipeline pushes an image a little later than its manifest.
#[test]
fn an_image_that_is_not_there_yet_is_asked_for_soon_and_then_slowly() {
    let pace = Class::ImageNotFound.pace();
    assert!(pace.delay(0, 1.0).as_secs() < 30);
    assert!(pace.delay(20, 0.5).as_secs() == 300);
    assert!(!Class::ImageNotFound.stalls() && Class::ImageNotFound.wait().is_some());
}

const AGAIN: &str = "Retried every few minutes";

const MET: &[Met] = &[
    Met {
        origin: "github.com/aws/aws-cdk/issues/8835",
        operation: Operation::CreateFunction,
        code: INVALID,
        status: 400,
        text: "EFS file system arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1 referenced by access point arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1 has mount targets created in all availability zones the function will execute in, but not all are in the available life cycle state yet. Please wait for them to become available and try the request again.",
        class: Class::Propagating,
        advice: "mount targets",
        last: "mount targets",
    },
    Met {
        origin: "hashicorp/terraform-provider-aws, the texts that its function resource retries",
        operation: Operation::CreateFunction,
        code: INVALID,
        status: 400,
        text: "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: InvalidArnException KMS Message: ARN does not refer to a valid principal",
        class: Class::Propagating,
        advice: "A new role",
        last: "A new role",
    },
    Met {
        origin: "github.com/hashicorp/terraform/issues/20813",
        operation: Operation::CreateFunction,
        code: INVALID,
        status: 400,
        text: "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: InvalidArnException KMS Message: Key Aliases are not supported for this operation.",
        class: Class::Rejected,
        advice: "no key alias",
        last: AGAIN,
    },
    Met {
        origin: "github.com/aws-controllers-k8s/community/issues/1842",
        operation: Operation::CreateFunction,
        code: INVALID,
        status: 400,
        text: "Source image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v2 does not exist. Provide a valid source image.",
        class: Class::ImageNotFound,
        advice: "Push the image",
        last: "",
    },
    Met {
        origin: "the same of an image that runs and was removed, github.com/aws-actions/aws-lambda-deploy/issues/68",
        operation: Operation::UpdateFunctionConfiguration,
        code: INVALID,
        status: 400,
        text: "Source image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v1 does not exist. Provide a valid source image.",
        class: Class::Rejected,
        advice: "Correct the spec",
        last: AGAIN,
    },
    Met {
        origin: "a source image that is no image's name, as documented for ImageUri",
        operation: Operation::CreateFunction,
        code: INVALID,
        status: 400,
        text: "Source image app is not valid. Provide a valid source image.",
        class: Class::Rejected,
        advice: "Correct the spec",
        last: AGAIN,
    },
    Met {
        origin: "github.com/remotion-dev/remotion/issues/2737",
        operation: Operation::CreateFunction,
        code: "ValidationException",
        status: 400,
        text: "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 3008",
        class: Class::Quota,
        advice: "request a quota increase",
        last: AGAIN,
    },
    Met {
        origin: "github.com/aws-samples/sample-demo-of-nova-mme/issues/3",
        operation: Operation::UpdateFunctionConfiguration,
        code: INVALID,
        status: 400,
        text: "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 3008 (Service: Lambda, Status Code: 400)",
        class: Class::Quota,
        advice: "request a quota increase",
        last: AGAIN,
    },
    Met {
        origin: "the same text with the limit that every account has",
        operation: Operation::CreateFunction,
        code: "ValidationException",
        status: 400,
        text: "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240",
        class: Class::Rejected,
        advice: "Correct the spec",
        last: AGAIN,
    },
    Met {
        origin: "github.com/CloudSnorkel/cdk-github-runners/issues/332",
        operation: Operation::CreateFunction,
        code: INVALID,
        status: 400,
        text: "You have exceeded the maximum limit for HyperPlane ENIs for your account.",
        class: Class::Quota,
        advice: "request a quota increase",
        last: AGAIN,
    },
    Met {
        origin: "github.com/hashicorp/terraform-provider-aws/issues/29907",
        operation: Operation::CreateFunction,
        code: "TooManyRequestsException",
        status: 429,
        text: "Lambda was unable to create new snapshot because you have reached your concurrent snapshot creation limit.",
        class: Class::Saturated,
        advice: "",
        last: "",
    },
    Met {
        origin: "STS, common errors",
        operation: Operation::GetCallerIdentity,
        code: "Throttling",
        status: 400,
        text: "Rate exceeded",
        class: Class::Saturated,
        advice: "",
        last: "",
    },
    Met {
        origin: "github.com/aws/aws-toolkit-azure-devops/issues/546",
        operation: Operation::CreateFunction,
        code: "AccessDeniedException",
        status: 403,
        text: "Cross-account pass role is not allowed.",
        class: Class::Denied,
        advice: "a role of its own account",
        last: "Give the operator's AWS identity this permission",
    },
    Met {
        origin: "github.com/samvera/serverless-iiif/issues/115",
        operation: Operation::CreateFunction,
        code: "AccessDeniedException",
        status: 403,
        text: "User: arn:aws:iam::123456789012:user/operator is not authorized to perform: lambda:GetLayerVersion on resource: arn:aws:lambda:us-west-2:210987654321:layer:libs:3 because no resource-based policy allows the lambda:GetLayerVersion action",
        class: Class::Denied,
        advice: "in the resource's own policy",
        last: "in the resource's own policy",
    },
    Met {
        origin: "github.com/aws-samples/bedrock-access-gateway/issues/127",
        operation: Operation::CreateFunction,
        code: "AccessDeniedException",
        status: 403,
        text: "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
        class: Class::Denied,
        advice: "in the repository's policy",
        last: "in the repository's policy",
    },
    Met {
        origin: "github.com/aws-controllers-k8s/community/issues/1641",
        operation: Operation::CreateFunction,
        code: "AccessDeniedException",
        status: 403,
        text: "User: arn:aws:sts::123456789012:assumed-role/operator/x is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-west-2:123456789012:repository/app because no identity-based policy allows the ecr:BatchGetImage action",
        class: Class::Denied,
        advice: "Give the operator's AWS identity this permission",
        last: "Give the operator's AWS identity this permission",
    },
    Met {
        origin: "IAM user guide, access denied error messages",
        operation: Operation::CreateFunction,
        code: "AccessDeniedException",
        status: 403,
        text: "User: arn:aws:iam::123456789012:user/operator is not authorized to perform: lambda:CreateFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:f with an explicit deny in a service control policy",
        class: Class::Denied,
        advice: "denies this explicitly",
        last: "denies this explicitly",
    },
    Met {
        origin: "API reference, StopDurableExecution",
        operation: Operation::StopDurableExecution,
        code: "KMSAccessDeniedException",
        status: 502,
        text: "Lambda couldn't decrypt the environment variables because KMS access was denied.",
        class: Class::Denied,
        advice: "use the KMS key",
        last: "use the KMS key",
    },
    Met {
        origin: "API reference, StopDurableExecution",
        operation: Operation::StopDurableExecution,
        code: "KMSDisabledException",
        status: 502,
        text: "Lambda couldn't decrypt the environment variables because the KMS key used is disabled.",
        class: Class::Rejected,
        advice: "Enable the KMS key",
        last: "Enable the KMS key",
    },
    Met {
        origin: "API reference, StopDurableExecution",
        operation: Operation::StopDurableExecution,
        code: "KMSInvalidStateException",
        status: 502,
        text: "Lambda couldn't decrypt the environment variables because the state of the KMS key used is not valid for Decrypt.",
        class: Class::Rejected,
        advice: "state Enabled",
        last: "state Enabled",
    },
    Met {
        origin: "API reference, StopDurableExecution",
        operation: Operation::UpdateFunctionConfiguration,
        code: "KMSNotFoundException",
        status: 502,
        text: "Lambda couldn't decrypt the environment variables because the KMS key was not found.",
        class: Class::Rejected,
        advice: "key does not exist",
        last: "key does not exist",
    },
    Met {
        origin: "API reference, GetFunctionCodeSigningConfig",
        operation: Operation::GetFunctionCodeSigningConfig,
        code: "CodeSigningConfigNotFoundException",
        status: 404,
        text: "The code signing configuration cannot be found.",
        class: Class::NotFound,
        advice: "",
        last: "",
    },
];

const INVALID: &str = "InvalidParameterValueException";

const KNOWN: &[(Operation, Class, &str, u16, &str)] = &[
    // Another writer of the same function: the statement was not added, whoever has the id.
    (
        Operation::AddPermission,
        Class::Busy,
        "ResourceConflictException",
        409,
        "The function could not be updated due to a concurrent update operation.",
    ),
    (
        Operation::AddPermission,
        Class::Quota,
        "PolicyLengthExceededException",
        400,
        "The final policy size (20749) is bigger than the limit (20480).",
    ),
    (Operation::AddPermission, Class::Rejected, "PublicPolicyException", 400, "Public access is blocked."),
    (
        Operation::CreateFunction,
        Class::Propagating,
        INVALID,
        400,
        "The role defined for the function cannot be assumed by Lambda.",
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Propagating,
        INVALID,
        400,
        "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
    ),
    (
        Operation::CreateFunction,
        Class::Propagating,
        INVALID,
        400,
        "The provided execution role does not have permissions to call SendMessage on SQS",
    ),
    (
        Operation::CreateFunction,
        Class::Propagating,
        INVALID,
        400,
        "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant.",
    ),
    (
        Operation::CreateFunction,
        Class::Saturated,
        INVALID,
        400,
        "Your request has been throttled by EC2, please make sure you have enough API rate limit.",
    ),
    (Operation::GetFunction, Class::Throttled, "TooManyRequestsException", 429, "Rate exceeded"),
    (Operation::GetFunction, Class::Throttled, "ThrottlingException", 400, "Rate exceeded"),
    (Operation::DescribeSecurityGroups, Class::Saturated, "RequestLimitExceeded", 503, "Request limit exceeded."),
    (
        Operation::CreateFunction,
        Class::AlreadyExists,
        "ResourceConflictException",
        409,
        "Function already exist: hello",
    ),
    (
        Operation::CreateFunction,
        Class::Unavailable,
        "ServiceException",
        500,
        "An error occurred and the request cannot be processed.",
    ),
    (Operation::GetFunction, Class::Unavailable, "", 502, "HTTP status 502"),
    (Operation::GetFunction, Class::Unavailable, "", 0, "connection reset by peer"),
    (Operation::GetFunction, Class::Unavailable, "", 407, "HTTP status 407"),
    (
        Operation::GetFunction,
        Class::Expired,
        "ExpiredTokenException",
        403,
        "The security token included in the request is expired",
    ),
    (
        Operation::GetCallerIdentity,
        Class::Expired,
        "ExpiredToken",
        403,
        "The security token included in the request is expired",
    ),
    (
        Operation::GetFunction,
        Class::Expired,
        "InvalidSignatureException",
        403,
        "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z",
    ),
    (
        Operation::GetCallerIdentity,
        Class::Expired,
        "SignatureDoesNotMatch",
        403,
        "Signature not yet current: 20260101T001000Z is still later than 20260101T000000Z",
    ),
    (
        Operation::GetFunction,
        Class::Denied,
        "InvalidSignatureException",
        403,
        "The request signature we calculated does not match the signature you provided.",
    ),
    (
        Operation::GetFunction,
        Class::Denied,
        "UnrecognizedClientException",
        403,
        "The security token included in the request is invalid.",
    ),
    (
        Operation::CreateFunction,
        Class::Denied,
        "AccessDeniedException",
        403,
        "User: u is not authorized to perform: iam:PassRole",
    ),
    (Operation::CreateFunction, Class::Quota, "CodeStorageExceededException", 400, "Code storage limit exceeded."),
    (Operation::PublishVersion, Class::Quota, "FunctionVersionsPerCapacityProviderLimitExceededException", 400, ""),
    (
        Operation::CreateFunction,
        Class::Rejected,
        "CodeVerificationFailedException",
        400,
        "The code signature failed one or more of the validation checks",
    ),
    (
        Operation::UpdateFunctionCode,
        Class::Rejected,
        "InvalidCodeSignatureException",
        400,
        "The code signature failed the integrity check.",
    ),
    (
        Operation::DeleteFunction,
        Class::Replicated,
        INVALID,
        400,
        "Lambda was unable to delete arn:aws:lambda:us-east-1:1:function:f because it is a replicated function.",
    ),
];

const TABLE: &[Row] = &[
    (
        Operation::AddPermission,
        Class::Propagating,
        INVALID,
        &["The provided principal was invalid. Please check the principal a"],
    ),
    (
        Operation::AddPermission,
        Class::AlreadyExists,
        "ResourceConflictException",
        &[
            "The statement id (s1) provided already exists. Please provide a ",
            "The statement id (s3) provided already exists. Please provide a ",
        ],
    ),
    (
        Operation::CreateFunctionUrlConfig,
        Class::AlreadyExists,
        "ResourceConflictException",
        &["Failed to create function url config for [functionArn = arn:<par"],
    ),
    (Operation::UpdateFunctionConfiguration, Class::Denied, "AccessDeniedException", &[""]),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Rejected,
        "CodeSigningConfigNotFoundException",
        &["The code signing configuration cannot be found. Check that the p"],
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Rejected,
        "InvalidParameterValueException",
        &[
            "$LATEST is not supported for an alias pointing to more than 1 ve",
            "$LATEST version cannot be deleted without deleting the function.",
            "1 validation error detected: Value 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "1 validation error detected: Value null at 'startingPosition' fa",
            "An error occurred and the request cannot be processed.",
            "Cannot reference more than 5 layers.",
            "Could not unzip uploaded file. Please check your file, then try ",
            "Error occurred while DescribeSecurityGroups. EC2 Error Code: Inv",
            "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSub",
            "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 ",
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Err",
            "Function does not exist",
            "Invalid function version 1. Function version 1 is already includ",
            "Lambda was unable to configure your environment variables becaus",
            "Layer Version Cannot be less than 1",
            "Layer version arn:<partition>:lambda:<region>:111111111111:layer",
            "Layers are not in the same region as the function. Layers are ex",
            "Number of items in AdditionalVersionWeights cannot be greater th",
            "Number of tags exceeds resource tag limit.",
            "Please don't provide ImageUri when updating a function with pack",
            "Please provide ImageUri when updating a function with packageTyp",
            "Provisioned Concurrency Configs cannot be applied to unpublished",
            "Required 'sourceAccessConfigurations' parameter is missing.",
            "Tags on function aliases and versions are not supported. Please ",
            "The derived qualifier from the function name does not match the ",
            "The destination ARN arn:<partition>:lambda:<region>:111111111111",
            "The function resource provided must be an alias or a published v",
            "The provided destination config DestinationConfig(onSuccess=OnSu",
            "The runtime parameter of dotnetcore3.1 is no longer supported fo",
            "The runtime parameter of go1.x is no longer supported for creati",
            "The runtime parameter of java8 is no longer supported for creati",
            "The runtime parameter of nodejs12.x is no longer supported for c",
            "The runtime parameter of nodejs14.x is no longer supported for c",
            "The runtime parameter of provided is no longer supported for cre",
            "The runtime parameter of python3.7 is no longer supported for cr",
            "The runtime parameter of ruby2.7 is no longer supported for crea",
            "This operation is permitted on Lambda functions only. Aliases an",
            "Two different versions of the same layer are not allowed to be r",
            "Unrecognized event source.",
            "Unsupported DestinationConfig parameter for given event source m",
            "Unsupported starting position for arn type: arn:<partition>:dyna",
            "Unzipped size must be smaller than 262144000 bytes",
            "Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Membe",
            "Value non-existent-runtime at 'runtime' failed to satisfy constr",
            "We currently do not support adding policies for $LATEST.",
            "You can't specify the function as a destination for itself.",
            "You must specify at least one of error handling or destination s",
        ],
    ),
    (
        Operation::PublishVersion,
        Class::Busy,
        "InvalidParameterValueException",
        &[
            "CodeSHA256 (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "CodeSHA256 (somenonexistentsha256) is different from current Cod",
        ],
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Quota,
        "InvalidParameterValueException",
        &[
            "Specified ConcurrentExecutions for function decreases account's ",
            "Specified ConcurrentExecutions for function is greater than acco",
            "Specified ReservedConcurrentExecutions for function decreases ac",
        ],
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Busy,
        "PreconditionFailedException",
        &["The Revision Id provided does not match the latest Revision Id. "],
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Rejected,
        "ProvisionedConcurrencyConfigNotFoundException",
        &["No Provisioned Concurrency Config found for this function"],
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Rejected,
        "RequestEntityTooLargeException",
        &[
            "Request must be smaller than 70167211 bytes for the CreateFuncti",
            "Zipped size must be smaller than 52428800 bytes",
        ],
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Busy,
        "ResourceConflictException",
        &[
            "Alias already exists: arn:<partition>:lambda:<region>:1111111111",
            "Alias can't be used for Provisioned Concurrency configuration on",
            "An event source mapping with event source (\"kafka:1000\"), functi",
            "An event source mapping with event source (\"kafka:1000,kafka:200",
            "The operation cannot be performed at this time. An update is in ",
            "Version is pointed by a Provisioned Concurrency alias",
        ],
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Elsewhere,
        "ResourceNotFoundException",
        &[
            "Functions from '<wrong-region>' are not reachable in this region",
            "Functions from 'ap-southeast-1' are not reachable in this region",
        ],
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::NotFound,
        "ResourceNotFoundException",
        &[
            "Alias not found: arn:<partition>:lambda:<region>:111111111111:fu",
            "Cannot find alias arn: arn:<partition>:lambda:<region>:111111111",
            "Capacity provider not found: arn:<partition>:lambda:<region>:111",
            "Event source mapping not found: arn:<partition>:lambda:<region>:",
            "Function does not exist",
            "Function not found: arn:<partition>:lambda:<region>:111111111111",
            "Layer version arn:<partition>:lambda:<region>:111111111111:layer",
            "No policy found for: arn:<partition>:lambda:<region>:11111111111",
            "No policy is associated with the given resource.",
            "Statement doesnotexist is not found in resource policy.",
            "Statement non-existent is not found in resource policy.",
            "The Lambda code signing configuration <csc_arn_invalid> can not ",
            "The function arn:<partition>:lambda:<region>:111111111111:functi",
            "The function doesn't exist.",
            "The resource you requested does not exist.",
        ],
    ),
    (
        Operation::UpdateFunctionConfiguration,
        Class::Rejected,
        "ValidationException",
        &[
            "1 validation error detected: Value '$LATEST' at 'qualifier' fail",
            "1 validation error detected: Value '*' at 'action' failed to sat",
            "1 validation error detected: Value '0' at 'provisionedConcurrent",
            "1 validation error detected: Value '1' at 'qualifier' failed to ",
            "1 validation error detected: Value '2' at 'qualifier' failed to ",
            "1 validation error detected: Value '2024' at 'name' failed to sa",
            "1 validation error detected: Value 'InvalidValue' at 'recursiveL",
            "1 validation error detected: Value '[<security_group_id_2>]' at ",
            "1 validation error detected: Value '[<subnet_id_2>]' at 'vpcConf",
            "1 validation error detected: Value '[X86_64]' at 'architectures'",
            "1 validation error detected: Value '[arn:<partition>:lambda:<reg",
            "1 validation error detected: Value '[x86_64, arm64]' at 'archite",
            "1 validation error detected: Value 'archdoesnotexist' at 'compat",
            "1 validation error detected: Value 'arn:<partition>:_-/!lambda:<",
            "1 validation error detected: Value 'arn:<partition>:lambda:<regi",
            "1 validation error detected: Value 'arn:<partition>:something' a",
            "1 validation error detected: Value 'example.com' at 'statementId",
            "1 validation error detected: Value 'invalid' at 'functionVersion",
            "1 validation error detected: Value 'invalid' at 'startingPositio",
            "1 validation error detected: Value 'invalid-qualifier-with-?-cha",
            "1 validation error detected: Value 'invalid:function:name' at 'f",
            "1 validation error detected: Value 'invalidOption' at 'snapStart",
            "1 validation error detected: Value 'r1' at 'role' failed to sati",
            "1 validation error detected: Value 'runtimedoesnotexist' at 'com",
            "1 validation error detected: Value '{$LATEST=0.5}' at 'routingCo",
            "1 validation error detected: Value '{2=-1.0}' at 'routingConfig.",
            "1 validation error detected: Value '{2=2.0}' at 'routingConfig.a",
            "1 validation error detected: Value null at 'tagKeys' failed to s",
            "2 validation errors detected: Value '[invalidruntime, invalidrun",
            "2 validation errors detected: Value '[invalidruntime]' at 'compa",
        ],
    ),
];

#[test]
fn the_echoed_environment_is_cut() {
    let text =
        "the environment variables you have provided exceeded the 4KB limit. String measured: {\"A\":\"s3cret\"}";
    let error = Error::new(Operation::CreateFunction, "InvalidParameterValueException", 400, text);
    assert_eq!(
        error.to_string(),
        "CreateFunction: InvalidParameterValueException: the environment variables you have provided exceeded the 4KB limit."
    );
}

#[test]
fn long_texts_are_cut_between_characters() {
    let error = Error::heard(Operation::CreateFunction, "X", 400, &"é".repeat(2000), &Withheld::nothing());
    assert_eq!(error.message.chars().count(), super::LONGEST + 1);
}
