//! The flags that `run` and `plan` share, because what the operator writes depends on them: their texts, and how each is read. Pure.

use std::path::PathBuf;

use crate::controller::reconcile::stages::Identity;
use crate::core::goal::Defaults;
use crate::core::ownership::is_reserved_key;
use crate::core::tag_pattern::TagPattern;
use crate::core::target::is_region_code;

/// Give `plan` the same values as `run`.
#[derive(clap::Args)]
pub(super) struct SharedFlags {
    /// First part of the owner tag on every function, at most 64 characters. Default: the uid of the namespace kube-system. Set it, so that a rebuilt cluster finds its functions.
    #[arg(long, env = "LAMBDA_OPERATOR_CLUSTER_NAME", value_parser = cluster_name)]
    pub(super) cluster_name: Option<String>,
    /// A name that this cluster, or the one it replaces, once had; repeatable. Tags with it are accepted and rewritten.
    #[arg(long = "former-cluster-name", env = "LAMBDA_OPERATOR_FORMER_CLUSTER_NAME", value_parser = cluster_name, value_delimiter = ',', value_name = "NAME")]
    pub(super) former_cluster_names: Vec<String>,
    /// Tags for every function: k=v,k=v. An object's own tags take precedence.
    #[arg(long, env = "LAMBDA_OPERATOR_DEFAULT_TAGS", value_delimiter = ',', value_parser = tag, value_name = "K=V")]
    pub(super) default_tags: Vec<(String, String)>,
    /// Labels of an object that become tags of its function, for instance team,app.kubernetes.io/part-of. They take precedence over default tags, and an object's own tags take precedence over them.
    #[arg(long, env = "LAMBDA_OPERATOR_COPY_LABELS", value_delimiter = ',', value_parser = label, value_name = "KEY")]
    pub(super) copy_labels: Vec<String>,
    /// Tags that somebody else sets on functions: key,prefix*. The operator neither changes nor removes them; an object's ignoreTags adds to these.
    #[arg(long, env = "LAMBDA_OPERATOR_IGNORE_TAGS", value_delimiter = ',', value_parser = TagPattern::parse, value_name = "KEY")]
    pub(super) ignore_tags: Vec<TagPattern>,
    /// Require the annotations of namespaces: refuse every value of an object that no annotation of its namespace allows, even if the annotation is absent.
    #[arg(long, env = "LAMBDA_OPERATOR_REQUIRE_NAMESPACE_POLICY")]
    pub(super) require_namespace_policy: bool,
    /// Tag the sessions of namespaces' roles with kubernetes-cluster and kubernetes-namespace, which conditions of IAM policies can name. Each of these roles has to allow sts:TagSession in its trust policy, else AWS refuses the session.
    #[arg(long, env = "LAMBDA_OPERATOR_SESSION_TAGS")]
    pub(super) session_tags: bool,
    /// Allow objects to adopt resources without an owner in every namespace, except where the namespace's annotation allow-adoption is false. Without this flag, only where the annotation is true.
    #[arg(long, env = "LAMBDA_OPERATOR_ALLOW_ADOPTION")]
    pub(super) allow_adoption: bool,
    /// AWS regions beside those that this version knows: region,region. Any other region that an object or a namespace names is refused.
    #[arg(long, env = "LAMBDA_OPERATOR_EXTRA_REGIONS", value_delimiter = ',', value_parser = region, value_name = "REGION")]
    pub(super) extra_regions: Vec<String>,
    /// Folder of the zip files that `filename` names.
    #[arg(long, env = "LAMBDA_OPERATOR_PACKAGE_DIR", value_name = "DIR")]
    pub(super) package_dir: Option<PathBuf>,
}

impl SharedFlags {
    /// The operator of the cluster with this name.
    pub(super) fn identity(&self, cluster: String) -> Identity {
        Identity {
            cluster,
            former_clusters: self.former_cluster_names.clone(),
            defaults: Defaults {
                tags: self.default_tags.iter().cloned().collect(),
                ignore_tags: self.ignore_tags.clone(),
            },
            copied_labels: self.copy_labels.clone(),
            require_policy: self.require_namespace_policy,
            session_tags: self.session_tags,
            allow_adoption: self.allow_adoption,
        }
    }
}

fn region(text: &str) -> Result<String, String> {
    if is_region_code(text) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is no region: write its code, such as eu-west-1"))
}

fn label(text: &str) -> Result<String, String> {
    if is_reserved_key(text) {
        return Err(format!(
            "'{text}' cannot become a tag: it must not be empty or begin with aws: or lambda-operator.io/"
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("'{text}' is no tag: write key=value"))?;
    if is_reserved_key(key) {
        return Err(format!(
            "'{key}' cannot be a tag's key: it must not be empty or begin with aws: or lambda-operator.io/"
        ));
    }
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// A tag's value has 256 characters; 64 of them, and no slash, are for the cluster.
pub(super) fn cluster_name(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 64 || text.contains(['/', ',', ' ']) {
        return Err("must have 1 to 64 characters, without slashes, commas or spaces".into());
    }
    Ok(text.to_owned())
}
