//! The policy that the annotations of a Namespace set for its objects: their AWS identity, and the values that they may use. Only users who may edit
//! the Namespace can change it. Pure. An annotation that is unreadable, unknown or empty refuses objects. For an object that is being deleted, only
//! role and region count.

pub mod annotation;
pub mod demands;
mod glob;
pub mod in_aws;
mod sentences;
mod signing;

use std::collections::BTreeMap;

use super::blocked::Blocked;
use super::ownership::is_reserved_key;
use annotation::{Annotation, Bound, is_ours};
use demands::{Code, Demands};
use glob::Globs;
use signing::Signing;

/// The annotations of a Namespace, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// The role to assume; `None`: the operator's own identity.
    pub role_arn: Option<String>,
    /// The region of objects that name none.
    pub region: Option<String>,
    /// Tags for every function, over the operator's.
    pub default_tags: BTreeMap<String, String>,
    /// The Namespace.
    namespace: String,
    /// The lists of values that objects may use, for each annotation that is set.
    lists: BTreeMap<Bound, Globs>,
    /// The highest concurrency that an object may take from other functions; `None`: no annotation.
    most_reserved: Option<u32>,
    /// Whether code has to be signed.
    signing: Signing,
    /// Whether objects may adopt functions; `None`: no annotation.
    allow_adoption: Option<bool>,
    /// Whether values without an annotation are refused (`--require-namespace-policy`).
    strict: bool,
    /// The first annotation that cannot be read or is unknown; it refuses everything.
    invalid: Option<String>,
}

impl Policy {
    /// Reads a Namespace's annotations. For an object that is being deleted, the readable ones are used. Every other object is refused if one is
    /// unreadable.
    #[must_use]
    pub fn of(namespace: &str, annotations: &BTreeMap<String, String>, strict: bool) -> Self {
        let mut policy = Self { namespace: namespace.to_owned(), strict, ..Self::default() };
        for (key, text) in annotations.iter().filter(|(key, _)| is_ours(key)) {
            let fault = match Annotation::with_key(key) {
                Some(annotation) => policy.read(annotation, text.trim()).err(),
                None => Some(sentences::unknown(namespace, key)),
            };
            policy.invalid = policy.invalid.or(fault);
        }
        policy
    }

    fn read(&mut self, annotation: Annotation, text: &str) -> Result<(), String> {
        let unreadable = || sentences::unreadable(&self.namespace, annotation);
        match annotation {
            Annotation::RoleArn => {
                self.role_arn = Some(text.to_owned()).filter(|text| !text.is_empty());
                if text.starts_with("arn:") { Ok(()) } else { Err(unreadable()) }
            }
            Annotation::Region => {
                self.region = Some(text.to_owned()).filter(|text| !text.is_empty());
                if self.region.is_some() { Ok(()) } else { Err(unreadable()) }
            }
            Annotation::DefaultTags => {
                self.default_tags = self.tags(text)?;
                Ok(())
            }
            Annotation::AllowAdoption => {
                self.allow_adoption = Some(text.parse().map_err(|_| unreadable())?);
                Ok(())
            }
            Annotation::Allowed(bound) => {
                self.lists.insert(bound, Globs::read(text).ok_or_else(unreadable)?);
                Ok(())
            }
            Annotation::MaxReservedConcurrency => {
                self.most_reserved = Some(text.parse().map_err(|_| unreadable())?);
                Ok(())
            }
            Annotation::RequireCodeSigning => {
                self.signing = Signing::read(text).ok_or_else(unreadable)?;
                Ok(())
            }
        }
    }

    /// The tags of the annotation default-tags; an empty value has none.
    fn tags(&self, text: &str) -> Result<BTreeMap<String, String>, String> {
        let mut tags = BTreeMap::new();
        for part in text.split(',').filter(|_| !text.is_empty()) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(sentences::unreadable(&self.namespace, Annotation::DefaultTags));
            };
            if is_reserved_key(key) {
                return Err(sentences::reserved_tag(&self.namespace, key.trim()));
            }
            tags.insert(key.trim().to_owned(), value.trim().to_owned());
        }
        Ok(tags)
    }

    /// The policy with the operator's setting for adoption, if the namespace has no annotation for it.
    #[must_use]
    pub fn opened(self, allow_adoption: bool) -> Self {
        Self { allow_adoption: self.allow_adoption.or(allow_adoption.then_some(true)), ..self }
    }

    /// Whether the objects of this namespace may adopt resources without an owner. An unreadable annotation does not allow it.
    #[must_use]
    pub fn allows_adoption(&self) -> bool {
        self.invalid.is_none() && self.allow_adoption == Some(true)
    }

    /// Why this namespace refuses an object, if it does.
    #[must_use]
    pub fn refuses(&self, demands: &Demands<'_>) -> Option<Blocked> {
        self.judge(demands).err().map(Blocked::NotAllowed)
    }

    /// Why the namespace refuses the region or the name of an object's resource, if it does. They can come from the spec, the namespace, the
    /// operator, or the object that the spec refers to. A resource that belongs to no function has no name to judge.
    #[must_use]
    pub fn refuses_place(&self, region: &str, function_name: &str) -> Option<Blocked> {
        let function = Some((Bound::FunctionNames, function_name)).filter(|(_, name)| !name.is_empty());
        let named = std::iter::once((Bound::Regions, region)).chain(function).collect();
        self.refuses(&Demands { named, ..Demands::default() })
    }

    /// Whether objects may use this value.
    #[must_use]
    pub fn allows(&self, bound: Bound, value: &str) -> bool {
        self.invalid.is_none() && self.judge_name(bound, value).is_ok()
    }

    fn judge(&self, demands: &Demands<'_>) -> Result<(), String> {
        let Self {
            namespace,
            most_reserved,
            allow_adoption,
            strict,
            invalid,
            // These need no check, or the functions that are called here check them.
            lists: _,
            signing: _,
            role_arn: _,
            region: _,
            default_tags: _,
        } = self;
        let Demands { named, concurrency, code, adopts } = demands;
        if let Some(invalid) = invalid {
            return Err(invalid.clone());
        }
        named.iter().try_for_each(|(bound, value)| self.judge_name(*bound, value))?;
        if *adopts && !allow_adoption.unwrap_or(!strict) {
            return Err(sentences::adoption(namespace, allow_adoption.is_some()));
        }
        let most = most_reserved.or(strict.then_some(0));
        if most.is_some_and(|most| i64::from(concurrency.executions()) > i64::from(most)) {
            return Err(sentences::too_much_concurrency(namespace, *concurrency, *most_reserved));
        }
        self.judge_code(*code)
    }

    fn judge_name(&self, bound: Bound, value: &str) -> Result<(), String> {
        match self.lists.get(&bound) {
            Some(globs) if globs.allow(value) => Ok(()),
            Some(globs) if globs.is_empty() => Err(sentences::empty_list(&self.namespace, bound, value)),
            Some(_) => Err(sentences::not_in_list(&self.namespace, bound, value)),
            None if bound.needs_no_list() && !self.strict || self.allows_by_silence(bound, value) => Ok(()),
            None if self.strict => Err(sentences::no_list(&self.namespace, bound, value)),
            None => Err(sentences::needs_list(&self.namespace, bound, value)),
        }
    }

    /// Whether a Namespace without a list allows this value although a policy is required.
    fn allows_by_silence(&self, bound: Bound, value: &str) -> bool {
        match bound {
            Bound::Packages => Globs::read(&format!("{}/**", self.namespace)).is_some_and(|own| own.allow(value)),
            Bound::Regions => self.region.as_deref() == Some(value),
            Bound::Roles
            | Bound::FunctionNames
            | Bound::Buckets
            | Bound::Images
            | Bound::Layers
            | Bound::Subnets
            | Bound::SecurityGroups
            | Bound::KmsKeys
            | Bound::CodeSigningConfigs => false,
        }
    }

    fn judge_code(&self, code: Code<'_>) -> Result<(), String> {
        match (&self.signing, code) {
            (Signing::NotRequired, _) | (_, Code::None | Code::Referred) | (Signing::Any, Code::Zip(Some(_))) => Ok(()),
            // The list of images limits which of them may run.
            (Signing::Any | Signing::OneOf(_), Code::Image) if self.lists.contains_key(&Bound::Images) => Ok(()),
            (Signing::Any | Signing::OneOf(_), Code::Image) => Err(sentences::unsigned_image(&self.namespace)),
            (Signing::Any | Signing::OneOf(_), Code::Zip(None)) => Err(sentences::unsigned(&self.namespace)),
            (Signing::OneOf(globs), Code::Zip(Some(arn))) if globs.allow(arn) => Ok(()),
            (Signing::OneOf(_), Code::Zip(Some(arn))) => Err(sentences::signed_otherwise(&self.namespace, arn)),
        }
    }
}

#[cfg(test)]
mod tests;
