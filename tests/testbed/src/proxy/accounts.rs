//! The account of an access key. A key of twelve digits is the number of its account; the keys of assumed roles are stored.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::refusal::element;
use crate::http::Answer;

const DEFAULT_ACCOUNT: &str = "000000000000";

/// The access keys that AWS has issued.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    sessions: Mutex<HashMap<String, String>>,
}

impl Accounts {
    /// The account of a key.
    pub(crate) fn of(&self, access_key: &str) -> String {
        if access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit()) {
            return access_key.to_owned();
        }
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(access_key).map_or(DEFAULT_ACCOUNT, String::as_str).to_owned()
    }

    /// Stores the key of an answer: to AssumeRole or AssumeRoleWithWebIdentity, which name the account, or to CreateAccessKey, whose key belongs to
    /// the caller's account.
    pub(crate) fn learn(&self, answer: &Answer, caller: &str) {
        let text = String::from_utf8_lossy(&answer.body);
        let account = element(&text, "Arn").map_or(Some(caller), |arn| arn.split(':').nth(4));
        if let (Some(key), Some(account)) = (element(&text, "AccessKeyId"), account) {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.insert(key.to_owned(), account.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;

    use super::Accounts;
    use crate::http::Answer;

    #[test]
    fn keys_of_assumed_roles_are_remembered() {
        let accounts = Accounts::default();
        assert_eq!(accounts.of("111111111111"), "111111111111");
        assert_eq!(accounts.of("ASIAX"), "000000000000");
        let body = "<AccessKeyId>ASIAX</AccessKeyId><Arn>arn:aws:sts::222222222222:assumed-role/x/s</Arn>";
        accounts.learn(&Answer { status: 200, headers: HeaderMap::new(), body: body.into() }, "111111111111");
        assert_eq!(accounts.of("ASIAX"), "222222222222");
        let body = "<AccessKey><UserName>u</UserName><AccessKeyId>AKIAX</AccessKeyId></AccessKey>";
        accounts.learn(&Answer { status: 200, headers: HeaderMap::new(), body: body.into() }, "333333333333");
        assert_eq!(accounts.of("AKIAX"), "333333333333");
    }
}
