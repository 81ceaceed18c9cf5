//! AWS's messages about the family, as recorded. If a message is not known, the code that refuses says so.

pub(crate) const CONCURRENT: &str = "The function could not be updated due to a concurrent update operation.";
pub(crate) const NOT_THERE: &str = "The resource you requested does not exist.";
pub(crate) const NO_POLICY: &str = "No policy is associated with the given resource.";
pub(crate) const LATEST_HAS_NO_POLICY: &str = "We currently do not support adding policies for $LATEST.";
pub(crate) const INVALID_PRINCIPAL: &str =
    "The provided principal was invalid. Please check the principal and try again.";
pub(crate) const POLICY_REVISION: &str = "The Revision Id provided does not match the latest Revision Id. Call the \
                                          GetPolicy API to retrieve the latest Revision Id";
pub(crate) const PUBLIC_WITHOUT_AUTH_TYPE: &str = "This policy could enable public access to your lambda function as it allows all Principals (*) to perform \
     lambda:InvokeFunctionUrl action. You must specify lambda:FunctionUrlAuthType condition";
pub(crate) const TWO_QUALIFIERS: &str =
    "The derived qualifier from the function name does not match the specified qualifier.";

pub(crate) const URL_WITHOUT_FUNCTION: &str = "Function does not exist";

pub(crate) const UNRECOGNIZED_SOURCE: &str = "Unrecognized event source.";
pub(crate) const MAPPING_WITHOUT_FUNCTION: &str = "Function does not exist";
pub(crate) const NO_STARTING_POSITION: &str = "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.";
pub(crate) const QUEUE_HAS_NO_POSITION: &str = "StartingPosition is not valid for SQS event sources.";
pub(crate) const TIMESTAMP_WITHOUT_POSITION: &str = "Timestamp only valid with StartingPosition AT_TIMESTAMP";
pub(crate) const NO_ACCESS_CONFIGURATIONS: &str = "Required 'sourceAccessConfigurations' parameter is missing.";
pub(crate) const BATCH_WITHOUT_WINDOW: &str =
    "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
pub(crate) const INVALID_FILTER: &str = "Invalid filter pattern definition.";
pub(crate) const DESTINATION_REQUIRED: &str = "The Destination field is required for an OnFailure configuration";
pub(crate) const NO_QUEUE: &str = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: \
     The specified queue does not exist for this wsdl version.";

pub(crate) const INVOKE_CONFIG_WITHOUT_FUNCTION: &str = "The function doesn't exist.";
pub(crate) const NOTHING_SET: &str = "You must specify at least one of error handling or destination setting.";
pub(crate) const OWN_DESTINATION: &str = "You can't specify the function as a destination for itself.";

pub(crate) const UNPUBLISHED: &str =
    "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
pub(crate) const NEITHER_ALIAS_NOR_VERSION: &str =
    "The function resource provided must be an alias or a published version.";
pub(crate) const VERSION_IS_PROVISIONED: &str =
    "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version";
pub(crate) const ALIAS_IS_PROVISIONED: &str = "Version is pointed by a Provisioned Concurrency alias";
pub(crate) const WEIGHTED_ALIAS: &str = "Alias with weights can not be used with Provisioned Concurrency";
pub(crate) const NOT_PROVISIONED: &str = "No Provisioned Concurrency Config found for this function";

pub(crate) const LAYER_POLICY_REVISION: &str = "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest \
     Revision Id";
pub(crate) const LAYER_NUMBER: &str = "Layer Version Cannot be less than 1";

pub(crate) fn no_function(arn: &str) -> String {
    format!("Function not found: {arn}")
}

pub(crate) fn no_alias(arn: &str) -> String {
    format!("Cannot find alias arn: {arn}")
}

pub(crate) fn no_policy_of(arn: &str) -> String {
    format!("No policy found for: {arn}")
}

pub(crate) fn no_statement(sid: &str) -> String {
    format!("Statement {sid} is not found in resource policy.")
}

pub(crate) fn sid_is_taken(sid: &str) -> String {
    format!(
        "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing \
         statement."
    )
}

pub(crate) fn policy_too_long(size: usize, limit: usize) -> String {
    format!("The final policy size ({size}) is bigger than the limit ({limit}).")
}

pub(crate) fn url_exists(arn: &str) -> String {
    format!(
        "Failed to create function url config for [functionArn = {arn}]. Error message:  FunctionUrlConfig exists for \
         this Lambda function"
    )
}

pub(crate) fn unsupported(member: &str) -> String {
    format!("Unsupported {member} parameter for given event source mapping type.")
}

pub(crate) fn no_stream(arn: &str) -> String {
    format!("Stream not found: {arn}")
}

pub(crate) fn unsupported_position(arn: &str) -> String {
    format!("Unsupported starting position for arn type: {arn}")
}

pub(crate) fn visibility(queue: i64, function: i64) -> String {
    format!("Queue visibility timeout: {queue} seconds is less than Function timeout: {function} seconds")
}

pub(crate) fn no_mapping(arn: &str) -> String {
    format!("Event source mapping not found: {arn}")
}

pub(crate) fn concurrent_invoke_config(arn: &str) -> String {
    format!("The EventInvokeConfig for function {arn} could not be updated due to a concurrent update operation.")
}

pub(crate) fn no_invoke_config(arn: &str) -> String {
    format!("The function {arn} doesn't have an EventInvokeConfig")
}

pub(crate) fn invalid_destination(arn: &str) -> String {
    format!("The destination ARN {arn} is invalid.")
}

pub(crate) fn foreign_destination(success: Option<&str>, failure: Option<&str>) -> String {
    let shown = |name: &str, arn: Option<&str>| {
        arn.map_or_else(|| "null".to_owned(), |arn| format!("{name}(destination={arn})"))
    };
    format!(
        "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
        shown("OnSuccess", success),
        shown("OnFailure", failure)
    )
}

pub(crate) fn more_than_unreserved(unreserved: i64) -> String {
    format!(
        "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{unreserved}]."
    )
}

pub(crate) fn below_the_floor(floor: i64) -> String {
    format!(
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum \
         value of [{floor}]."
    )
}

pub(crate) fn no_signing_config(arn: &str) -> String {
    format!("The Lambda code signing configuration {arn} can not be found.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = include_str!("../../../../data/aws-recorded-errors.txt");
    const ARN: &str = "arn:<partition>:lambda:<region>:111111111111:function:";

    /// Each of these is the text of a recorded error.
    #[test]
    fn the_familys_texts_are_as_recorded() {
        let function = format!("{ARN}<resource:1>");
        let latest = format!("{ARN}<function-name:1>:$LATEST");
        let of_a_function = |name: &str| format!("{ARN}{name}");
        let said = [
            NOT_THERE.to_owned(),
            NO_POLICY.to_owned(),
            LATEST_HAS_NO_POLICY.to_owned(),
            INVALID_PRINCIPAL.to_owned(),
            POLICY_REVISION.to_owned(),
            TWO_QUALIFIERS.to_owned(),
            URL_WITHOUT_FUNCTION.to_owned(),
            UNRECOGNIZED_SOURCE.to_owned(),
            NO_STARTING_POSITION.to_owned(),
            NO_ACCESS_CONFIGURATIONS.to_owned(),
            INVOKE_CONFIG_WITHOUT_FUNCTION.to_owned(),
            NOTHING_SET.to_owned(),
            OWN_DESTINATION.to_owned(),
            UNPUBLISHED.to_owned(),
            NEITHER_ALIAS_NOR_VERSION.to_owned(),
            VERSION_IS_PROVISIONED.to_owned(),
            ALIAS_IS_PROVISIONED.to_owned(),
            NOT_PROVISIONED.to_owned(),
            LAYER_NUMBER.to_owned(),
            LAYER_POLICY_REVISION.to_owned(),
            no_function(&of_a_function("<function-name>:42")),
            no_alias(&of_a_function("<function-name>:alias-doesnotexist")),
            no_policy_of(&of_a_function("doesnotexist")),
            no_statement("non-existent"),
            sid_is_taken("s3"),
            url_exists(&function),
            unsupported("DestinationConfig"),
            unsupported_position(
                "arn:<partition>:dynamodb:<region>:111111111111:table/<table-name>/stream/<stream-name>",
            ),
            no_mapping("arn:<partition>:lambda:<region>:111111111111:event-source-mapping:<resource-name>"),
            no_invoke_config(&latest),
            invalid_destination(&of_a_function("doesnotexist")),
            foreign_destination(Some("arn:<partition>:iam:<region>:111111111111:function:<function-name:1>"), None),
            no_signing_config("<csc_arn_invalid>"),
        ];
        let recorded: Vec<&str> = RECORDED.lines().filter_map(|line| line.split(" | ").nth(1)).collect();
        for text in &said {
            assert!(recorded.contains(&text.as_str()), "AWS never said: {text}");
        }
        // the recording has names in the place of numbers here
        let numbered = |text: String| text.replace("[100]", "[<min_unreserved_concurrency>]");
        assert!(recorded.contains(&numbered(below_the_floor(100)).as_str()));
        let numbered = |text: String| text.replace("[900]", "[<unreserved_concurrency>]");
        assert!(recorded.contains(&numbered(more_than_unreserved(900)).as_str()));
    }
}
