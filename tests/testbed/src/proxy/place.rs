//! The place of a function: account, region, name.

use crate::journal::Call;

/// The place of the function that a call is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) function: String,
}

impl Place {
    pub(crate) fn of(call: &Call) -> Place {
        Place {
            account: call.account.clone(),
            region: call.region.clone(),
            function: call.function.clone().unwrap_or_default(),
        }
    }

    /// Its ARN, or that of one of its versions or aliases.
    pub(crate) fn qualified(&self, qualifier: Option<&str>) -> String {
        let arn = format!("arn:aws:lambda:{}:{}:function:{}", self.region, self.account, self.function);
        qualifier.map_or_else(|| arn.clone(), |qualifier| format!("{arn}:{qualifier}"))
    }

    /// The ARN of one of its versions.
    pub(crate) fn arn(&self, version: &str) -> String {
        self.qualified(Some(version))
    }
}
