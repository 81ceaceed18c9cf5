//! `lambda-operator import`: reads the family of a function, which is every resource around it that an object can manage.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use super::name::Name;
use super::origin::{Origin, every, words};
use super::read::{Found, read, signing_config};
use crate::aws::lambda::list::ListedMapping;
use crate::aws::lambda::remote::Remote;
use crate::cli::aws_client::patiently;
use crate::core::error::Error;
use crate::kinds::event_invoke_config::model::LATEST;
use crate::kinds::function::import::Package;
use crate::kinds::function::observed::Observed;
use crate::kinds::function::side::{Setting, Side};
use crate::kinds::permission::statement::Statement;
use crate::kinds::url::model::{NONE, Public};
use crate::kinds::url::statements::said;

/// A function with its family, or another resource, as AWS showed it.
pub(super) enum Reading {
    Function(Box<FunctionReading>),
    Other(Found),
}

/// A function, the source of its code, and its family.
pub(super) struct FunctionReading {
    pub(super) observed: Observed,
    pub(super) package: Package,
    pub(super) family: Family,
}

/// The resources around one function.
#[derive(Default)]
pub(super) struct Family {
    /// Those that were read, aliases first.
    pub(super) members: Vec<(Name, Found)>,
    /// A sentence for each that could not be read, or that no object can manage.
    pub(super) faults: Vec<String>,
    /// A sentence for each that another object of the manifest covers.
    pub(super) notes: Vec<String>,
}

/// The event source mappings of the region by their functions, which are listed once for all functions.
#[derive(Default)]
pub(super) struct Mappings(OnceCell<Result<BTreeMap<String, Vec<String>>, String>>);

impl Mappings {
    /// The UUIDs of a function's mappings.
    async fn of(&self, origin: &Origin<'_>, function: &str) -> Result<Vec<String>, String> {
        let list = async || {
            let all = every(async |marker| origin.aws.mappings(origin.caller, &origin.region, marker).await).await;
            let mut by_function = BTreeMap::<String, Vec<String>>::new();
            for ListedMapping { function, uuid } in all.map_err(|error| words(&error))? {
                by_function.entry(function).or_default().push(uuid);
            }
            Ok(by_function)
        };
        match self.0.get_or_init(list).await {
            Ok(all) => Ok(all.get(function).cloned().unwrap_or_default()),
            Err(sentence) => Err(sentence.clone()),
        }
    }
}

/// Reads the family of a function.
pub(super) async fn family(origin: &Origin<'_>, mappings: &Mappings, function: &str, observed: &Observed) -> Family {
    let remote = origin.remote(function);
    let mut reading = Reader { origin, function, family: Family::default() };
    let aliases = every(async |marker| remote.alias_names(marker).await).await;
    let aliases = reading.listed("aliases, and their policies,", aliases.map_err(|error| words(&error)));
    let urls = every(async |marker| remote.url_qualifiers(marker).await).await;
    let urls = reading.listed("function URLs", urls.map_err(|error| words(&error)));
    let invoke = every(async |marker| remote.event_invoke_qualifiers(marker).await).await;
    let invoke = reading.listed("event invoke configurations", invoke.map_err(|error| words(&error)));
    let provisioned = every(async |marker| remote.provisioned_qualifiers(marker).await).await;
    let provisioned = reading.listed("provisioned concurrency", provisioned.map_err(|error| words(&error)));
    let uuids = mappings.of(origin, function).await;
    let uuids = reading.listed("event source mappings", uuids);

    reading.signing(observed).await;
    let own = || function.to_owned();
    reading.all(aliases.iter().map(|alias| Name::Alias { function: own(), alias: alias.clone() })).await;
    reading.all(urls.into_iter().map(|alias| Name::Url { function: own(), alias })).await;
    reading.policies(&remote, &aliases).await;
    reading
        .all(invoke.into_iter().map(|one| Name::EventInvokeConfig { function: own(), qualifier: latest(one) }))
        .await;
    let provisioned = provisioned.into_iter().flatten();
    reading.all(provisioned.map(|one| Name::ProvisionedConcurrency { function: own(), qualifier: one })).await;
    reading.all(uuids.into_iter().map(|uuid| Name::Mapping { function: own(), uuid })).await;
    reading.family
}

/// The qualifier of a configuration; that of the function itself is `$LATEST` in AWS.
fn latest(qualifier: Option<String>) -> Option<String> {
    qualifier.filter(|one| one != LATEST)
}

/// A family that is being read.
struct Reader<'a> {
    origin: &'a Origin<'a>,
    function: &'a str,
    family: Family,
}

impl Reader<'_> {
    /// What a list shows; a list that cannot be read is a fault, and counts as empty.
    fn listed<T: Ord>(&mut self, part: &str, list: Result<Vec<T>, String>) -> Vec<T> {
        match list {
            Ok(mut all) => {
                all.sort();
                all
            }
            Err(sentence) => {
                self.family.faults.push(format!("the {part} of {} were not imported: {sentence}", self.function));
                Vec::new()
            }
        }
    }

    async fn all(&mut self, names: impl Iterator<Item = Name>) {
        for name in names {
            match read(self.origin, &name).await {
                Ok(found) => self.family.members.push((name, found)),
                Err(sentence) => self.family.faults.push(not_imported(&name, &sentence)),
            }
        }
    }

    /// The code signing configuration. If it cannot be read, the function names it by its ARN.
    async fn signing(&mut self, observed: &Observed) {
        let Some(Some(Setting::CodeSigning(arn))) = observed.function.sides.get(&Side::CodeSigning) else { return };
        let id = arn.rsplit(':').next().unwrap_or(arn);
        let name = Name::SigningConfig(id.to_owned());
        match signing_config(self.origin, arn).await {
            Ok(Some(found)) => self.family.members.push((name, found)),
            Ok(None) => {}
            Err(sentence) => self.family.faults.push(not_imported(&name, &sentence)),
        }
    }

    /// The statements of the policies of the function and of its aliases.
    async fn policies(&mut self, remote: &Remote, aliases: &[String]) {
        let qualifiers = std::iter::once(None).chain(aliases.iter().map(Some));
        for qualifier in qualifiers {
            let of = qualifier.map_or_else(|| self.function.to_owned(), |alias| format!("{}:{alias}", self.function));
            let read: Result<_, Error> = patiently(async || remote.statements(qualifier).await).await;
            let statements = match read {
                Ok(statements) => statements,
                Err(error) => {
                    self.family.faults.push(format!("the policy of {of} was not imported: {}", words(&error)));
                    continue;
                }
            };
            let is_public = self.family.members.iter().any(|(name, found)| {
                matches!(name, Name::Url { alias, function: _ } if alias.as_ref() == qualifier)
                    && matches!(found, Found::Url(url) if url.auth_type == NONE)
            });
            for statement in statements {
                self.statement(&of, qualifier, is_public, statement);
            }
        }
    }

    fn statement(&mut self, of: &str, qualifier: Option<&String>, is_public: bool, statement: Statement) {
        let fate = Fate::of(&statement, is_public);
        let Statement { id, permission, text: _ } = statement;
        let name = Name::Permission { function: self.function.to_owned(), qualifier: qualifier.cloned(), id };
        match fate {
            Fate::Member => self.family.members.push((name, Found::Permission(permission))),
            Fate::OfUrl => self.family.notes.push(format!(
                "{name} has no object of its own, because the LambdaFunctionUrl of {of} adds the statements of a public URL under its own ids: remove this statement when that object is Ready"
            )),
            Fate::Nameless => self.family.faults.push(format!(
                "a statement of the policy of {of} was not imported: it has no id (Sid), and a LambdaPermission needs one: give it an id, or leave it to others"
            )),
        }
    }
}

/// The treatment of a statement.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It becomes a LambdaPermission.
    Member,
    /// The LambdaFunctionUrl adds such a statement itself.
    OfUrl,
    /// It has no id.
    Nameless,
}

impl Fate {
    fn of(statement: &Statement, is_public: bool) -> Self {
        let is_of_url = Public::ALL.into_iter().any(|public| said(public) == statement.permission);
        match (statement.id.is_empty(), is_public && is_of_url) {
            (_, true) => Self::OfUrl,
            (true, false) => Self::Nameless,
            (false, false) => Self::Member,
        }
    }
}

/// The sentence about a resource that was not imported.
pub(super) fn not_imported(name: &Name, sentence: &str) -> String {
    format!("{name} was not imported: {sentence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::permission::statement;

    #[test]
    fn statements_that_a_public_url_brings_and_those_without_an_id_become_no_permissions() {
        let policy = serde_json::json!({"Statement": [
            {"Sid": "call", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "Resource": "r",
                "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}},
            {"Sid": "invoke", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "r",
                "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}},
            {"Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction",
                "Resource": "r"},
            {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction",
                "Resource": "r"},
        ]});
        let all = statement::all(&policy.to_string());
        let fates = |is_public| all.iter().map(|one| Fate::of(one, is_public)).collect::<Vec<_>>();
        assert_eq!(fates(true), [Fate::OfUrl, Fate::OfUrl, Fate::Member, Fate::Nameless]);
        assert_eq!(fates(false), [Fate::Member, Fate::Member, Fate::Member, Fate::Nameless], "no URL covers them");
    }
}
