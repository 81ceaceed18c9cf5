//! One event source mapping in AWS, read and written through the SDK.

use std::time::{Duration, Instant};

use aws_sdk_lambda::operation::get_event_source_mapping::GetEventSourceMappingOutput;
use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::convert::{mapping_read, mapping_write};
use super::remote::{Remote, absent};
use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
use crate::aws::client::sweep::{Sweep, Way};
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::core::ownership::OWNER_TAG;
use crate::core::plan::Write;
use crate::core::tagged::Tags;
use crate::kinds::event_source_mapping::observed::{Observed, Query, time};
use crate::kinds::event_source_mapping::setting::{Setting, Settings};
use crate::kinds::event_source_mapping::status::Answer;
use crate::kinds::event_source_mapping::step::Step;
use crate::kinds::function::plan::step::{Tagging, Untagging};

impl Aws<LambdaEventSourceMapping> for Remote {
    async fn observe(&self, query: &Query) -> Result<Option<Observed>, CallError> {
        let recorded = match &query.uuid {
            Some(uuid) => self.known(uuid).await?.filter(|observed| observed.origin.is_same_as(&query.origin)),
            None => None,
        };
        let observed = match recorded {
            Some(observed) if query.needs_tags(&observed) => self.tagged(observed).await?,
            Some(observed) => Some(observed),
            None => self.find(query).await?,
        };
        if observed.is_none() {
            self.session.check_account(Operation::GetEventSourceMapping).await?;
        }
        Ok(observed)
    }

    async fn execute(&self, step: &Step, _package: Option<Vec<u8>>) -> Result<Answer, CallError> {
        let (client, operation) = (&self.session.client, step.operation());
        match step {
            Step::Create(creation) => {
                self.session.check_account(operation).await?;
                let request = mapping_write::create(client.create_event_source_mapping(), &self.target, creation);
                let answer = self.session.call(operation, request.send()).await?;
                self.session.check_arn(operation, answer.function_arn.as_deref())?;
                let modified = answer.last_modified.as_ref().and_then(mapping_read::milliseconds).and_then(time);
                Ok(Answer { uuid: answer.uuid, modified })
            }
            Step::Update(change) => {
                let request = mapping_write::update(client.update_event_source_mapping(), &self.target, change);
                let answer = self.session.call(operation, request.send()).await?;
                self.session.check_arn(operation, answer.function_arn.as_deref())?;
                let modified = answer.last_modified.as_ref().and_then(mapping_read::milliseconds).and_then(time);
                Ok(Answer { uuid: answer.uuid, modified })
            }
            Step::Tag(uuid, tagging) => {
                let tags = match tagging {
                    Tagging::Set(tags) => tags.get().clone().into_iter().collect(),
                    Tagging::Owner(owner) => [(OWNER_TAG.to_owned(), owner.clone())].into(),
                };
                let arn = self.target.event_source_mapping(uuid);
                let request = client.tag_resource().resource(arn).set_tags(Some(tags));
                self.session.call(operation, request.send()).await.map(|_| Answer::default())
            }
            Step::Untag(uuid, untagging) => {
                let keys = match untagging {
                    Untagging::Remove(keys) => keys.clone(),
                    Untagging::Owner => vec![OWNER_TAG.to_owned()],
                };
                let arn = self.target.event_source_mapping(uuid);
                let request = client.untag_resource().resource(arn).set_tag_keys(Some(keys));
                self.session.call(operation, request.send()).await.map(|_| Answer::default())
            }
            Step::Delete(uuid) => {
                let request = client.delete_event_source_mapping().uuid(uuid);
                match self.session.call(operation, request.send()).await {
                    Ok(_) => Ok(Answer::default()),
                    Err(error) => {
                        absent::<()>(error)?;
                        self.session.check_account(operation).await.map(|()| Answer::default())
                    }
                }
            }
        }
    }
}

/// The most mappings that a page of a list shows.
const PAGE: i32 = 100;

/// The delay of an object while the list that it needs is being made for another.
const LISTED_SOON: Duration = Duration::from_millis(200);

/// Whether the same page of a list can be asked for again.
fn asks_again(error: &CallError) -> bool {
    match error {
        CallError::Postponed(_) => true,
        CallError::Failed(error) => matches!(error.class, Class::Throttled | Class::Unavailable),
    }
}

impl Remote {
    /// The mapping with this UUID, by a list where that stands for many reads.
    async fn known(&self, uuid: &str) -> Result<Option<Observed>, CallError> {
        let Some((sweep, age)) = self.session.mappings() else {
            if !self.session.reads_mapping(uuid) {
                return Err(CallError::Postponed(LISTED_SOON));
            }
            return self.mapping(uuid).await;
        };
        let mut sweep = sweep.try_lock().map_err(|_| CallError::Postponed(LISTED_SOON))?;
        let way = match sweep.way(uuid, age, Instant::now()) {
            Way::List if self.list(&mut sweep, age).await? => sweep.way(uuid, age, Instant::now()),
            Way::List => Way::Read,
            way @ (Way::Shown(..) | Way::Read) => way,
        };
        if !matches!(way, Way::Shown(..)) {
            sweep.forget(uuid);
        }
        drop(sweep);
        let shown = match way {
            Way::Shown(shown, began) if self.session.uses(began) => shown,
            Way::Shown(..) | Way::List | Way::Read => return self.mapping(uuid).await,
        };
        Ok(self.recorded(mapping_read::listed(shown), uuid))
    }

    /// Lists all mappings of the account and region, to be used up to this age; `false` if that takes more calls than the reads for which it stands.
    async fn list(&self, sweep: &mut Sweep<EventSourceMappingConfiguration>, age: Duration) -> Result<bool, CallError> {
        let mut listing = sweep.begin(age, Instant::now());
        loop {
            let request = self.session.client.list_event_source_mappings().max_items(PAGE);
            let request = request.set_marker(listing.marker.clone());
            let page = match self.session.call(Operation::ListEventSourceMappings, request.send()).await {
                Ok(page) => page,
                Err(error) => {
                    if asks_again(&error) {
                        sweep.put_off(listing);
                    }
                    return Err(error);
                }
            };
            // A list does not show filters that are encrypted with a key.
            let shown = page.event_source_mappings.unwrap_or_default().into_iter();
            let whole = shown.filter(|one| one.kms_key_arn.is_none()).filter_map(|one| Some((one.uuid.clone()?, one)));
            listing.shown.extend(whole);
            listing.pages += 1;
            listing.marker = page.next_marker.filter(|marker| !marker.is_empty());
            if listing.marker.is_none() {
                sweep.listed(listing, age);
                return Ok(true);
            }
            if !sweep.goes_on(listing.pages) {
                return Ok(false);
            }
        }
    }

    /// The mapping with this UUID, without its tags; `None` if it does not exist in the account and region.
    async fn mapping(&self, uuid: &str) -> Result<Option<Observed>, CallError> {
        let request = self.session.client.get_event_source_mapping().uuid(uuid);
        let answer = match self.session.call(Operation::GetEventSourceMapping, request.send()).await {
            Ok(answer) => answer,
            Err(error) => return absent(error),
        };
        Ok(self.recorded(answer, uuid))
    }

    /// The mapping that was read by its UUID. If somebody has pointed it to another function, that is a difference like any other.
    fn recorded(&self, answer: GetEventSourceMappingOutput, uuid: &str) -> Option<Observed> {
        let function = answer.function_arn.clone()?;
        let (here, own) = (self.is_here(&function), self.is_of_function(Some(&function)));
        let arn = self.target.event_source_mapping(uuid);
        let observed = mapping_read::observed(answer, arn, &self.session.withheld);
        let settings = |settings: Settings| match own {
            true => settings,
            false => settings.with([Setting::Function(Some(function))]),
        };
        here.then(|| Observed { settings: settings(observed.settings.clone()), ..observed })
    }

    /// Reads its tags; `None` if it was deleted meanwhile.
    async fn tagged(&self, observed: Observed) -> Result<Option<Observed>, CallError> {
        let arn = self.target.event_source_mapping(&observed.uuid);
        let answer = self.session.call(Operation::ListTags, self.session.client.list_tags().resource(arn).send()).await;
        let tags = match answer {
            Ok(answer) => Tags::shown(answer.tags),
            Err(CallError::Failed(error)) if error.class == Class::Denied => Tags::Withheld,
            Err(error) => return absent(error),
        };
        Ok(Some(Observed { tags, ..observed }))
    }

    /// The mapping of the object, among those of the same function and source. See [`Query::pick`].
    async fn find(&self, query: &Query) -> Result<Option<Observed>, CallError> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let arn = Some(query.origin.arn.clone()).filter(|arn| !arn.is_empty());
            // The list is filtered by source and not by function, because AWS would show only the mappings of one qualifier of the function.
            let request = self.session.client.list_event_source_mappings().set_event_source_arn(arn).set_marker(marker);
            let page = match self.session.call(Operation::ListEventSourceMappings, request.send()).await {
                Ok(page) => page,
                Err(error) => return absent(error),
            };
            for one in page.event_source_mappings.unwrap_or_default() {
                let origin =
                    mapping_read::origin(one.event_source_arn, one.self_managed_event_source, one.topics, one.queues);
                if self.is_of_function(one.function_arn.as_deref()) && origin.is_same_as(&query.origin) {
                    found.extend(one.uuid);
                }
            }
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                break;
            }
        }
        let mut all = Vec::new();
        for uuid in found {
            if let Some(observed) = self.mapping(&uuid).await? {
                all.extend(self.tagged(observed).await?);
            }
        }
        Ok(query.pick(all))
    }

    /// Whether an ARN is the function's, whatever the qualifier.
    fn is_of_function(&self, arn: Option<&str>) -> bool {
        arn.is_some_and(|arn| self.is_here(arn) && arn.split(':').nth(6) == Some(self.target.name.as_str()))
    }

    /// Whether an ARN is of the account and region of the calls.
    fn is_here(&self, arn: &str) -> bool {
        let [_, _, _, region, account, ..] = arn.split(':').collect::<Vec<_>>()[..] else { return false };
        let own = self.target.account.is_empty() || account == self.target.account;
        own && region == self.target.region
    }

    /// The mapping with this UUID and its tags, for `lambda-operator import`, which does not know the account.
    ///
    /// # Errors
    /// AWS's error.
    pub async fn mapping_to_import(&self, uuid: &str) -> Result<Option<Observed>, CallError> {
        let request = self.session.client.get_event_source_mapping().uuid(uuid);
        let answer = match self.session.call(Operation::GetEventSourceMapping, request.send()).await {
            Ok(answer) => answer,
            Err(error) => return absent(error),
        };
        if !self.is_of_function(answer.function_arn.as_deref()) {
            return Ok(None);
        }
        let arn = answer.event_source_mapping_arn.clone().unwrap_or_default();
        let observed = mapping_read::observed(answer, arn.clone(), &self.session.withheld);
        let tags = self.session.call(Operation::ListTags, self.session.client.list_tags().resource(arn).send()).await?;
        Ok(Some(Observed { tags: Tags::shown(tags.tags), ..observed }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::Error;

    #[test]
    fn a_page_that_aws_did_not_answer_is_asked_for_again_and_a_refused_one_is_not() {
        let failed = |code: &str, status, text: &'static str| {
            asks_again(&CallError::Failed(Error::new(Operation::ListEventSourceMappings, code, status, text)))
        };
        assert!(asks_again(&CallError::Postponed(LISTED_SOON)));
        assert!(failed("TooManyRequestsException", 429, "Rate exceeded") && failed("ServiceException", 500, ""));
        assert!(!failed("InvalidParameterValueException", 400, "Invalid marker"), "the list begins again");
    }
}
