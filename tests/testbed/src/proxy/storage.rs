//! Packages in S3 that Lambda refers to instead of keeping a copy. The emulator always keeps a copy.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::place::Place;
use super::recognise::Recognised;

const LATEST: &str = "$LATEST";

/// The referenced S3 objects, by function and version. Lambda has a copy of the package of a version without an entry.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    referred: Mutex<HashMap<(Place, String), Value>>,
}

impl Storage {
    /// Records the package that a successful call has deployed or published, and adds the S3 object to the answers in which AWS shows it.
    pub(crate) fn pass(&self, call: &Recognised, place: &Place, request: &Value, answer: &mut Value) {
        match call.operation.as_str() {
            "CreateFunction" => self.deploy(place, &request["Code"]),
            "UpdateFunctionCode" => self.deploy(place, request),
            "GetFunction" => self.show(place, answer),
            "DeleteFunction" => self.forget(place, call.qualifier.as_deref()),
            _ => {}
        }
        if matches!(call.operation.as_str(), "CreateFunction" | "UpdateFunctionCode" | "PublishVersion") {
            self.publish(place, answer["Version"].as_str().unwrap_or(LATEST));
        }
    }

    /// Records a deployment. AWS makes a copy unless the request says otherwise, at each deployment.
    fn deploy(&self, place: &Place, code: &Value) {
        let key = (place.clone(), LATEST.to_owned());
        if code["S3ObjectStorageMode"] == "REFERENCE" {
            let object = json!({"S3Bucket": code["S3Bucket"], "S3Key": code["S3Key"],
                "S3ObjectVersion": code.get("S3ObjectVersion").cloned().unwrap_or_else(|| "null".into())});
            self.referred().insert(key, object);
        } else {
            self.referred().remove(&key);
        }
    }

    fn publish(&self, place: &Place, version: &str) {
        let latest = self.referred().get(&(place.clone(), LATEST.to_owned())).cloned();
        if let (Some(object), true) = (latest, version != LATEST) {
            self.referred().entry((place.clone(), version.to_owned())).or_insert(object);
        }
    }

    fn show(&self, place: &Place, answer: &mut Value) {
        let version = answer.pointer("/Configuration/Version").and_then(Value::as_str).unwrap_or(LATEST).to_owned();
        let object = self.referred().get(&(place.clone(), version)).cloned();
        if let (Some(object), Some(Value::Object(code))) = (object, answer.get_mut("Code")) {
            code.remove("Location");
            code.insert("ResolvedS3Object".to_owned(), object);
        }
    }

    /// Removes the entry of a deleted version, or of a deleted function with all of its versions.
    fn forget(&self, place: &Place, version: Option<&str>) {
        self.referred().retain(|(of, kept), _| of != place || version.is_some_and(|version| version != kept));
    }

    fn referred(&self) -> MutexGuard<'_, HashMap<(Place, String), Value>> {
        self.referred.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_copies_unless_it_is_told_otherwise_each_time() {
        let storage = Storage::default();
        let place =
            Place { account: "111111111111".to_owned(), region: "eu-west-1".to_owned(), function: "f".to_owned() };
        let shown = |version: &str| {
            let mut answer = json!({"Configuration": {"Version": version}, "Code": {"Location": "https://s3"}});
            storage.show(&place, &mut answer);
            (
                answer["Code"]["ResolvedS3Object"]["S3Key"].as_str() == Some("k"),
                answer["Code"].get("Location").is_none(),
            )
        };
        let code = json!({"S3Bucket": "b", "S3Key": "k", "S3ObjectStorageMode": "REFERENCE"});
        storage.deploy(&place, &code);
        storage.publish(&place, "1");
        assert_eq!((shown(LATEST), shown("1")), ((true, true), (true, true)));
        storage.deploy(&place, &json!({"S3Bucket": "b", "S3Key": "k"}));
        storage.publish(&place, "1");
        assert_eq!((shown(LATEST), shown("1")), ((false, false), (true, true)), "a version stays as it was published");
        storage.forget(&place, None);
        assert_eq!(shown("1"), (false, false));
    }
}
