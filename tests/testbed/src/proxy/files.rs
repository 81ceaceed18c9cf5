//! FileSystemConfigs: the access points that AWS accepts, and the defaults that it adds.

use serde_json::{Value, json};

use super::refusal::Refusal;

const PATTERN: &str = r"Member must satisfy regular expression pattern: arn:aws[a-zA-Z-]*:elasticfilesystem:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:access-point/fsap-[a-f0-9]{17}$|^arn:aws[-a-z]*:s3files:[0-9a-z-:]+:file-system/fs-[0-9a-f]{17,40}/access-point/fsap-[0-9a-f]{17,40}";

fn each(request: &Value) -> impl Iterator<Item = &Value> {
    request.get("FileSystemConfigs").and_then(Value::as_array).into_iter().flatten()
}

fn arn(config: &Value) -> &str {
    config.get("Arn").and_then(Value::as_str).unwrap_or_default()
}

/// The refusal if AWS does not support the access point, or its settings belong to another kind.
pub(crate) fn refusal(request: &Value) -> Option<Refusal> {
    if each(request).count() > 1 {
        let constraint = "Member must have length less than or equal to 1";
        return Some(Refusal::constraint("[...]", "fileSystemConfigs", constraint));
    }
    each(request).enumerate().find_map(|(index, config)| {
        let arn = arn(config);
        let (elastic, objects) = (is_elastic(arn), is_objects(arn));
        if !elastic && !objects {
            return Some(Refusal::constraint(arn, &format!("fileSystemConfigs.{}.member.arn", index + 1), PATTERN));
        }
        let settings = config.get("S3FilesConfig").is_some_and(|settings| !settings.is_null());
        (settings && !objects).then(|| {
            Refusal::invalid(format!("S3FilesConfig is only supported for S3 Files access points, and {arn} is none."))
        })
    })
}

/// `arn:aws:elasticfilesystem:REGION:ACCOUNT:access-point/fsap-…`
fn is_elastic(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, _, "elasticfilesystem", _, account, resource] = parts.as_slice() else { return false };
    let id = resource.strip_prefix("access-point/fsap-").unwrap_or_default();
    arn.starts_with("arn:aws") && account.len() == 12 && is_id(id) && id.len() == 17
}

/// `arn:aws:s3files:REGION:ACCOUNT:file-system/fs-…/access-point/fsap-…`
fn is_objects(arn: &str) -> bool {
    let Some((_, resource)) = arn.split_once(":file-system/fs-") else { return false };
    let Some((system, point)) = resource.split_once("/access-point/fsap-") else { return false };
    arn.starts_with("arn:aws") && arn.split(':').nth(2) == Some("s3files") && is_id(system) && is_id(point)
}

fn is_id(text: &str) -> bool {
    (17..=40).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Adds the default for S3 Files: AWS chooses how it reads.
pub(crate) fn complete(request: &mut Value) {
    for config in request.get_mut("FileSystemConfigs").and_then(Value::as_array_mut).into_iter().flatten() {
        if !is_objects(arn(config)) {
            continue;
        }
        let Value::Object(fields) = config else { continue };
        if let Value::Object(settings) = fields.entry("S3FilesConfig").or_insert_with(|| json!({})) {
            settings.entry("DirectS3Read").or_insert_with(|| "AUTO".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{complete, refusal};

    const ELASTIC: &str = "arn:aws:elasticfilesystem:eu-west-1:111111111111:access-point/fsap-0123456789abcdef0";
    const OBJECTS: &str =
        "arn:aws:s3files:eu-west-1:111111111111:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0";

    #[test]
    fn access_point_kinds_are_distinguished() {
        let request =
            |arn: &str, settings: Value| json!({"FileSystemConfigs": [{"Arn": arn, "S3FilesConfig": settings}]});
        assert_eq!(refusal(&request(ELASTIC, Value::Null)), None);
        assert_eq!(refusal(&request(OBJECTS, json!({"DirectS3Read": "ENABLED"}))), None);
        assert!(refusal(&request(ELASTIC, json!({}))).unwrap().message.contains("only supported for S3 Files"));
        let bucket = refusal(&request("arn:aws:s3:::bucket", Value::Null)).unwrap();
        assert_eq!(bucket.code, "ValidationException");
        assert!(bucket.message.contains("at 'fileSystemConfigs.1.member.arn'"));
    }

    #[test]
    fn direct_reads_are_automatic() {
        let mut request = json!({"FileSystemConfigs": [{"Arn": ELASTIC}, {"Arn": OBJECTS}]});
        complete(&mut request);
        let auto = json!([{"Arn": ELASTIC}, {"Arn": OBJECTS, "S3FilesConfig": {"DirectS3Read": "AUTO"}}]);
        assert_eq!(request["FileSystemConfigs"], auto);
    }
}
