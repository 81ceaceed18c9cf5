//! `lambda-operator import`: the objects of a manifest, with names that are free and references to each other. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::family::{Family, FunctionReading, Reading, not_imported};
use super::name::Name;
use super::package;
use super::read::{Found, LayerReading};
use crate::api::alias::LambdaAlias;
use crate::api::code_signing_config::LambdaCodeSigningConfig;
use crate::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
use crate::api::function::spec::LambdaFunction;
use crate::api::function_url::LambdaFunctionUrl;
use crate::api::layer_version::LambdaLayerVersion;
use crate::api::permission::LambdaPermission;
use crate::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use crate::cli::manifest;
use crate::controller::managed::Managed;
use crate::core::belonging::Belonging;
use crate::core::target::Target;
use crate::kinds::alias::model::Alias;
use crate::kinds::function::import::{Package, object_name};
use crate::kinds::function::observed::Observed;
use crate::kinds::url::model::NONE;
use crate::kinds::{
    alias, code_signing_config, event_invoke_config, event_source_mapping, function, layer_version, permission,
    provisioned_concurrency, url,
};

/// The note of a layer's manifest that names no package.
const NO_PACKAGE: &str =
    "AWS does not show the source of the package: set s3Bucket and s3Key, filename or codeFrom before you apply this.";

/// The most characters of an object's name before its number: the shortest limit of a kind is 127.
const LONGEST: usize = 120;

/// The documents of a manifest, and what is to be said about those that are not in it.
#[derive(Default)]
pub(super) struct Written {
    pub(super) documents: Vec<String>,
    /// A sentence for each resource that is missing.
    pub(super) faults: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// The objects that were written so far.
pub(super) struct Objects<'a> {
    region: &'a str,
    namespace: Option<&'a String>,
    /// Bucket and key, or folder, of packages.
    s3: Option<&'a (String, String)>,
    /// Their kinds and names.
    taken: BTreeSet<(String, String)>,
    /// The resources that they describe.
    described: BTreeSet<Name>,
    /// The object of each function.
    functions: BTreeMap<String, String>,
    /// The object of each alias, by function and alias.
    aliases: BTreeMap<(String, String), String>,
    /// The object of each code signing configuration, by its ARN.
    signing: BTreeMap<String, String>,
}

impl<'a> Objects<'a> {
    pub(super) const fn new(region: &'a str, namespace: Option<&'a String>, s3: Option<&'a (String, String)>) -> Self {
        Self {
            region,
            namespace,
            s3,
            taken: BTreeSet::new(),
            described: BTreeSet::new(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            signing: BTreeMap::new(),
        }
    }

    /// Whether a resource has an object already.
    pub(super) fn has(&self, name: &Name) -> bool {
        self.described.contains(name)
    }

    /// Writes a resource, and the family of a function after it.
    pub(super) fn write(&mut self, name: &Name, reading: Reading) -> Written {
        match reading {
            Reading::Other(found) => {
                let mut written = Written::default();
                self.add(name, found, &mut written);
                written
            }
            Reading::Function(reading) => {
                let FunctionReading { observed, package, family } = *reading;
                let Family { mut members, faults, notes } = family;
                let mut written = Written { faults, notes, ..Written::default() };
                self.function(name, &observed, &package, &mut members, &mut written);
                // Without its function, the family would refer to nothing.
                if !written.documents.is_empty() {
                    members.into_iter().for_each(|(name, found)| self.add(&name, found, &mut written));
                }
                written
            }
        }
    }

    fn function(
        &mut self,
        name: &Name,
        observed: &Observed,
        package: &Package,
        members: &mut Vec<(Name, Found)>,
        written: &mut Written,
    ) {
        let function = name.function().to_owned();
        let target = Target { account: String::new(), region: self.region.to_owned(), name: function.clone() };
        let object = self.free::<LambdaFunction>(&object_name(&function));
        let mut notes = function::import::notes(observed, package);
        let mut spec = function::import::spec(observed, &target, &object, package);
        members.retain(|(_, found)| {
            let Found::SigningConfig(config) = found else { return true };
            let owner = config.tags.owner_name();
            match owner {
                Some(owner) => notes.push(format!(
                    "The owner of its code signing configuration is {owner}, so codeSigningConfigArn names it, and the manifest has no object for it."
                )),
                None => function::import::sign_by(&mut spec, self.signing_object(config)),
            }
            owner.is_none()
        });
        self.functions.insert(function, object.clone());
        self.document(name, LambdaFunction::new(&object, spec), &notes, written);
    }

    /// Writes a resource that is not a function, unless it has an object already.
    fn add(&mut self, name: &Name, found: Found, written: &mut Written) {
        if self.has(name) {
            return;
        }
        let (function, own) = (name.function(), name.own());
        let belonging = self.belonging(function, name.qualifier());
        let mut notes = self.advice(function);
        match found {
            Found::Alias(held) => self.alias(name, &held, written),
            Found::Mapping(held) => self.mapping(name, &held, written),
            Found::Permission(held) => match permission::import::spec(&held, &belonging, own) {
                Ok(spec) => {
                    let object = self.free::<LambdaPermission>(&object_name(&format!("{function}-{own}")));
                    self.document(name, LambdaPermission::new(&object, spec), &notes, written);
                }
                Err(sentence) => written.faults.push(not_imported(name, &sentence)),
            },
            Found::Url(held) => {
                let object = self.free::<LambdaFunctionUrl>(&with_qualifier(name));
                notes.extend((held.auth_type == NONE).then(|| {
                    "The operator adds its own two statements for everyone to the policy; remove those that others made for this URL afterwards.".to_owned()
                }));
                let spec = url::import::spec(&held, &belonging);
                self.document(name, LambdaFunctionUrl::new(&object, spec), &notes, written);
            }
            Found::EventInvokeConfig(held) => {
                let object = self.free::<LambdaFunctionEventInvokeConfig>(&with_qualifier(name));
                let spec = event_invoke_config::import::spec(&held, &belonging);
                self.document(name, LambdaFunctionEventInvokeConfig::new(&object, spec), &notes, written);
            }
            Found::ProvisionedConcurrency(held) => {
                let object = self.free::<LambdaProvisionedConcurrencyConfig>(&with_qualifier(name));
                let spec = provisioned_concurrency::import::spec(&held, &belonging);
                self.document(name, LambdaProvisionedConcurrencyConfig::new(&object, spec), &notes, written);
            }
            Found::Layer(layer) => self.layer(name, &layer, written),
            Found::SigningConfig(config) => {
                let object = self.signing_object(&config);
                let spec = code_signing_config::import::spec(&config, self.region);
                let note = format!(
                    "Before it can be taken over, the namespace's annotation lambda-operator.io/allowed-code-signing-configs has to allow {}.",
                    config.arn
                );
                self.document(name, LambdaCodeSigningConfig::new(&object, spec), &[note], written);
            }
        }
    }

    fn alias(&mut self, name: &Name, held: &Alias, written: &mut Written) {
        let (function, alias) = (name.function(), name.own());
        let object = self.free::<LambdaAlias>(&object_name(&format!("{function}-{alias}")));
        let spec = alias::import::spec(held, &self.belonging(function, None), alias, &object);
        self.aliases.insert((function.to_owned(), alias.to_owned()), object.clone());
        let note = if self.functions.contains_key(function) {
            "To follow the versions that the LambdaFunction publishes, set its field publish to true, and replace functionVersion by functionVersionFrom: Published."
        } else {
            "To follow the versions that a LambdaFunction of the namespace publishes, replace functionName by functionRef, and functionVersion by functionVersionFrom: Published."
        };
        self.document(name, LambdaAlias::new(&object, spec), &[note.to_owned()], written);
    }

    fn mapping(&mut self, name: &Name, held: &event_source_mapping::observed::Observed, written: &mut Written) {
        let function = name.function();
        let source = held.origin.arn.rsplit([':', '/']).next().filter(|name| !name.is_empty()).unwrap_or("kafka");
        let object = self.free::<LambdaEventSourceMapping>(&object_name(&format!("{function}-{source}")));
        let belonging = self.belonging(function, held.qualifier());
        let spec = event_source_mapping::import::spec(held, &belonging);
        self.document(name, LambdaEventSourceMapping::new(&object, spec), &self.advice(function), written);
    }

    fn layer(&mut self, name: &Name, layer: &LayerReading, written: &mut Written) {
        let LayerReading { version, policy, newest } = layer;
        let object = self.free::<LambdaLayerVersion>(&object_name(name.own()));
        let (mut spec, mut notes) = layer_version::import::spec(version, policy, self.region, name.own(), &object);
        if version.number != *newest {
            notes.push(format!(
                "The newest version is {newest}. An object takes over only the newest version, so applying this publishes another one."
            ));
        }
        let package = package::in_s3(self.s3, name.own());
        if package.is_none() {
            notes.push(NO_PACKAGE.to_owned());
        }
        (spec.s3_bucket, spec.s3_key) = package.unzip();
        self.document(name, LambdaLayerVersion::new(&object, spec), &notes, written);
    }

    /// The function, version or alias of a resource: an object of this manifest where there is one.
    fn belonging(&self, function: &str, qualifier: Option<&String>) -> Belonging {
        let alias = qualifier.and_then(|alias| self.aliases.get(&(function.to_owned(), alias.clone())));
        match (self.functions.get(function), alias) {
            (_, Some(object)) => Belonging::Alias { object: object.clone() },
            (Some(object), None) => Belonging::Function { object: object.clone(), qualifier: qualifier.cloned() },
            (None, None) => Belonging::InAws {
                region: self.region.to_owned(),
                function: function.to_owned(),
                qualifier: qualifier.cloned(),
            },
        }
    }

    /// The note on a resource whose function has no object in this manifest.
    fn advice(&self, function: &str) -> Vec<String> {
        let is_alone = !self.functions.contains_key(function);
        let note = "If a LambdaFunction or LambdaAlias of the namespace manages the function or alias, replace functionName and qualifier by functionRef or aliasRef, and remove region.";
        is_alone.then(|| note.to_owned()).into_iter().collect()
    }

    /// The name of a code signing configuration's object, which several functions can share.
    fn signing_object(&mut self, config: &code_signing_config::model::Observed) -> String {
        if let Some(object) = self.signing.get(&config.arn) {
            return object.clone();
        }
        let object = self.free::<LambdaCodeSigningConfig>(&object_name(&config.id));
        self.signing.insert(config.arn.clone(), object.clone());
        object
    }

    /// A free name for an object of a kind. Resources with names that differ only in case or `_` would otherwise get the same one.
    fn free<K: Managed>(&mut self, name: &str) -> String {
        let name = name.get(..LONGEST).unwrap_or(name).trim_end_matches('-');
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let kind = K::kind(&()).into_owned();
        let free = names.find(|name| !self.taken.contains(&(kind.clone(), name.clone()))).unwrap_or_default();
        self.taken.insert((kind, free.clone()));
        free
    }

    fn document<K: Managed>(&mut self, name: &Name, mut object: K, notes: &[String], written: &mut Written) {
        object.meta_mut().namespace = self.namespace.cloned();
        match manifest::write(&object, notes) {
            Ok(document) => {
                self.described.insert(name.clone());
                written.documents.push(document);
            }
            Err(sentence) => written.faults.push(not_imported(name, &sentence)),
        }
    }
}

/// The wish for the name of an object of which a function, version or alias has only one.
fn with_qualifier(name: &Name) -> String {
    let function = name.function();
    object_name(&name.qualifier().map_or_else(|| function.to_owned(), |qualifier| format!("{function}-{qualifier}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::permission::UrlAuthType;
    use crate::core::tagged::Tags;
    use crate::core::values::Knowable;
    use crate::kinds::code_signing_config::model::Config;
    use crate::kinds::function::model::{Code, Configuration, Content, Function};
    use crate::kinds::function::observed::{Attributes, Lifecycle, LogGroup};
    use crate::kinds::function::package_type::PackageType;
    use crate::kinds::function::side::{Setting, Side};
    use crate::kinds::permission::model::Permission;
    use crate::kinds::url::model::Url;

    const SIGNING: &str = "arn:aws:lambda:r:1:code-signing-config:csc-0123456789abcdef0";

    fn function(name: &str, members: Vec<(Name, Found)>) -> (Name, Reading) {
        let signing = Some(Setting::CodeSigning(SIGNING.into()));
        let code =
            Code { content: Content::Sha256("abc".into()), image_uri: None, kms_key_arn: None, architecture: None };
        let function = Function {
            package: PackageType::Zip,
            tenancy: None,
            configuration: Configuration { role: "r".into(), ..Configuration::aws_defaults(name) },
            code,
            storage_mode: None,
            sides: [(Side::CodeSigning, signing)].into(),
            concurrency: None,
            tags: Knowable::Known([].into()),
        };
        let observed = Observed {
            function,
            owner: Knowable::Known(None),
            lifecycle: Lifecycle::Ready,
            published: None,
            version: None,
            default_group: None,
            executions: Vec::new(),
            log_group: LogGroup::NotRead,
            attributes: Attributes::default(),
        };
        let family = Family { members, ..Family::default() };
        let reading = FunctionReading { observed, package: Package::Elsewhere, family };
        (Name::Function(name.to_owned()), Reading::Function(Box::new(reading)))
    }

    fn alias(function: &str, alias: &str) -> (Name, Found) {
        let held = Alias { version: "1".into(), ..Alias::default() };
        (Name::Alias { function: function.into(), alias: alias.into() }, Found::Alias(held))
    }

    fn statement(qualifier: Option<&str>, other: &str) -> (Name, Found) {
        let qualifier = qualifier.map(str::to_owned);
        let permission = Permission {
            action: "lambda:InvokeFunction".into(),
            principal: "*".into(),
            other: other.into(),
            ..Permission::default()
        };
        (Name::Permission { function: "F_1".into(), qualifier, id: "s_3".into() }, Found::Permission(permission))
    }

    fn signing(owner: Option<&str>) -> (Name, Found) {
        let id = "csc-0123456789abcdef0".to_owned();
        let observed = code_signing_config::model::Observed {
            arn: SIGNING.into(),
            id: id.clone(),
            config: Config {
                publishers: ["p".to_owned()].into(),
                untrusted: "Warn".into(),
                description: String::new(),
            },
            modified: None,
            tags: Tags::Shown { owner: owner.map(str::to_owned), users: BTreeMap::new() },
            functions: Vec::new(),
        };
        (Name::SigningConfig(id), Found::SigningConfig(Box::new(observed)))
    }

    /// The specs of documents, with their kinds and names.
    fn read(documents: &[String]) -> Vec<(String, String, serde_json::Value)> {
        let all = documents.iter().flat_map(|document| manifest::read(document).unwrap().objects);
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        all.map(|one| (text(&one["kind"]), text(&one["metadata"]["name"]), one["spec"].clone())).collect()
    }

    #[test]
    fn a_family_refers_to_its_own_objects_and_no_two_have_one_name() {
        let mut objects = Objects::new("r", None, None);
        let url = Url { auth_type: "AWS_IAM".into(), ..Url::default() };
        let url = (Name::Url { function: "F_1".into(), alias: Some("live".into()) }, Found::Url(url));
        let members = vec![
            alias("F_1", "Live"),
            alias("F_1", "live"),
            url,
            statement(None, ""),
            statement(Some("live"), ""),
            statement(Some("7"), ""),
        ];
        let (name, reading) = function("F_1", members);
        let Written { documents, faults, notes } = objects.write(&name, reading);
        assert_eq!((faults.len(), notes.len()), (0, 0), "{faults:?} {notes:?}");
        let all = read(&documents);
        let names: Vec<_> = all.iter().map(|(kind, name, _)| format!("{kind} {name}")).collect();
        let expected = [
            "LambdaFunction f-1",
            "LambdaAlias f-1-live",
            "LambdaAlias f-1-live-2",
            "LambdaFunctionUrl f-1-live",
            "LambdaPermission f-1-s-3",
            "LambdaPermission f-1-s-3-2",
            "LambdaPermission f-1-s-3-3",
        ];
        assert_eq!(names, expected);
        for (kind, name, spec) in &all[1..] {
            let named = [&spec["functionName"], &spec["region"]];
            assert!(named.iter().all(|field| field.is_null()), "{kind} {name}: {spec}");
        }
        let reference = |number: usize| {
            let (_, _, spec) = &all[number];
            (spec["functionRef"]["name"].clone(), spec["aliasRef"]["name"].clone(), spec["qualifier"].clone())
        };
        let null = serde_json::Value::Null;
        assert_eq!(reference(2), ("f-1".into(), null.clone(), null.clone()));
        assert_eq!(reference(3), (null.clone(), "f-1-live-2".into(), null.clone()));
        assert_eq!(reference(4), ("f-1".into(), null.clone(), null.clone()));
        assert_eq!(reference(5), (null.clone(), "f-1-live-2".into(), null.clone()));
        assert_eq!(reference(6), ("f-1".into(), null, "7".into()));
        assert!(objects.has(&name) && objects.has(&alias("F_1", "live").0) && !objects.has(&alias("F_1", "old").0));
    }

    #[test]
    fn a_code_signing_configuration_is_shared_and_that_of_another_owner_stays_an_arn() {
        let mut objects = Objects::new("r", None, None);
        let mut write = |name: &str, owner| {
            let (name, reading) = function(name, vec![signing(owner)]);
            read(&objects.write(&name, reading).documents)
        };
        let (one, two) = (write("one", None), write("two", None));
        assert_eq!((one.len(), two.len()), (2, 1), "the second function names the object of the first");
        for (_, _, spec) in [&one[0], &two[0]] {
            assert_eq!(spec["codeSigningConfigRef"]["name"], one[1].1.as_str());
            assert!(spec["codeSigningConfigArn"].is_null());
        }
        let owned = write("three", Some("c/n/x"));
        assert_eq!((owned.len(), &owned[0].2["codeSigningConfigArn"]), (1, &SIGNING.into()));
        assert!(owned[0].2["codeSigningConfigRef"].is_null());
    }

    #[test]
    fn a_statement_that_no_object_can_have_is_a_fault_and_alone_a_resource_names_its_function() {
        let mut objects = Objects::new("r", None, None);
        let (name, found) = statement(None, "Condition");
        let written = objects.write(&name, Reading::Other(found));
        assert_eq!(written.documents, [""; 0]);
        assert!(written.faults[0].starts_with("permission:F_1/s_3 was not imported: "), "{:?}", written.faults);
        let url = Url { auth_type: NONE.into(), ..Url::default() };
        let url = (Name::Url { function: "F_1".into(), alias: Some("live".into()) }, Found::Url(url));
        let all = read(&objects.write(&url.0, Reading::Other(url.1)).documents);
        let (_, name, spec) = &all[0];
        assert_eq!(
            (name.as_str(), &spec["functionName"], &spec["qualifier"]),
            ("f-1-live", &"F_1".into(), &"live".into())
        );
        assert_eq!(
            (&spec["region"], &spec["authorizationType"]),
            (&"r".into(), &serde_json::to_value(UrlAuthType::None).unwrap())
        );
    }
}
