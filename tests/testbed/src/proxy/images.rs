//! Functions that are container images: a tag is resolved to a digest when it is deployed, and that digest stays.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::recognise::Recognised;
use super::refusal::Refusal;
use super::upstream::Upstream;

/// The separator between an image and its digest. The emulator stores the text unchanged, for every version.
const PINNED: char = '|';

/// The refusal if a request does not fit the package type. Texts as recorded and reported.
pub(crate) fn refusal(operation: &str, request: &Value, current: Option<&Value>) -> Option<Refusal> {
    let has = |pointer: &str| match request.pointer(pointer) {
        None | Some(Value::Null) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    let holder = if operation == "CreateFunction" { Some(request) } else { current };
    let image = is_image(holder?);
    let text = match operation {
        "CreateFunction" | "UpdateFunctionConfiguration"
            if image && (has("/Runtime") || has("/Handler") || request.get("Layers").is_some_and(Value::is_array)) =>
        {
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
        }
        "CreateFunction" if !has(if image { "/Code/ImageUri" } else { "/Code/ZipFile" }) && !has("/Code/S3Bucket") => {
            "Please provide a source for function code."
        }
        "UpdateFunctionCode" if image && !has("/ImageUri") => {
            "Please provide ImageUri when updating a function with packageType Image."
        }
        "UpdateFunctionCode" if !image && has("/ImageUri") => {
            "Please don't provide ImageUri when updating a function with packageType Zip."
        }
        _ => return None,
    };
    Some(Refusal::invalid(text))
}

fn is_image(holder: &Value) -> bool {
    holder.get("PackageType").is_some_and(|kind| kind == "Image")
}

/// Appends the digest to the image that the request names, or refuses an image that does not exist.
pub(crate) async fn pin(
    call: &Recognised,
    request: &mut Value,
    upstream: &Upstream,
) -> Result<Option<Refusal>, String> {
    let place = match call.operation.as_str() {
        "CreateFunction" => "/Code/ImageUri",
        "UpdateFunctionCode" => "/ImageUri",
        _ => return Ok(None),
    };
    let Some(Value::String(image)) = request.pointer_mut(place) else { return Ok(None) };
    let Some(digest) = digest(call, image, upstream).await? else {
        let text = format!("Source image {image} does not exist. Provide a valid source image.");
        return Ok(Some(Refusal::invalid(text)));
    };
    image.push(PINNED);
    image.push_str(&digest);
    Ok(None)
}

/// The hex digest of an image; `None` if its repository exists and does not contain it.
async fn digest(call: &Recognised, image: &str, upstream: &Upstream) -> Result<Option<String>, String> {
    let derived = match image.split_once("@sha256:") {
        Some((_, digest)) => digest.to_owned(),
        None => Sha256::digest(image.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let Some(ecr) = Ecr::of(image) else { return Ok(Some(derived)) };
    let owner = Recognised { access_key: ecr.account.to_owned(), region: ecr.region.to_owned(), ..call.clone() };
    let target = "AmazonEC2ContainerRegistry_V20150921.DescribeImages";
    let question = json!({"repositoryName": ecr.repository, "imageIds": [ecr.image]});
    let answer = upstream.ask_target(&owner, "ecr", target, &question).await?;
    if answer.status != 200 {
        // the emulator does not have the repository, so the image can be in any other one
        return Ok(Some(derived));
    }
    let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let digest = answer.pointer("/imageDetails/0/imageDigest").and_then(Value::as_str);
    Ok(digest.map(|digest| digest.trim_start_matches("sha256:").to_owned()))
}

/// The parts of an image's name in ECR.
struct Ecr<'a> {
    account: &'a str,
    region: &'a str,
    repository: &'a str,
    image: Value,
}

impl<'a> Ecr<'a> {
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY`, and a tag or a digest.
    fn of(uri: &'a str) -> Option<Ecr<'a>> {
        let (host, path) = uri.split_once('/')?;
        let (account, rest) = host.split_once(".dkr.ecr.")?;
        let (region, _) = rest.split_once(".amazonaws.com")?;
        let repository = path.get(..repository(path).len())?;
        let image = match path.get(repository.len()..)?.split_at_checked(1) {
            Some(("@", digest)) => json!({"imageDigest": digest}),
            Some((_, tag)) => json!({"imageTag": tag}),
            None => json!({"imageTag": "latest"}),
        };
        Some(Ecr { account, region, repository, image })
    }
}

/// An image's name without tag and digest. A colon before the last slash belongs to a port.
fn repository(image: &str) -> &str {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    match named.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => named,
    }
}

/// The configuration of an image function as AWS shows it.
pub(crate) fn show(config: &mut Value) {
    if !is_image(config) {
        return;
    }
    let Value::Object(fields) = config else { return };
    if let Some(Value::String(kept)) = fields.remove("ImageUri")
        && let Some((_, digest)) = kept.split_once(PINNED)
    {
        fields.insert("CodeSha256".into(), digest.into());
    }
    for key in ["Runtime", "Handler", "RuntimeVersionConfig", "Layers"] {
        fields.remove(key);
    }
    if let Some(Value::Object(overrides)) =
        fields.get_mut("ImageConfigResponse").and_then(|it| it.get_mut("ImageConfig"))
    {
        overrides.retain(|_, value| !matches!(value.as_array(), Some(list) if list.is_empty()) && *value != "");
        if overrides.is_empty() {
            fields.remove("ImageConfigResponse");
        }
    }
}

/// The location of an image function's code, as AWS shows it.
pub(crate) fn show_code(code: &mut Value) {
    let Some((image, digest)) = code.get("ImageUri").and_then(Value::as_str).and_then(|kept| kept.split_once(PINNED))
    else {
        return;
    };
    *code = json!({"RepositoryType": "ECR", "ImageUri": image,
                   "ResolvedImageUri": format!("{}@sha256:{digest}", repository(image))});
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Ecr, refusal, repository, show, show_code};

    #[test]
    fn names_of_images_are_taken_apart() {
        assert_eq!(repository("host:5000/a/b:tag"), "host:5000/a/b");
        assert_eq!(repository("host:5000/a/b"), "host:5000/a/b");
        assert_eq!(repository("host/a:tag@sha256:00"), "host/a");
        let ecr = Ecr::of("111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1").unwrap();
        assert_eq!((ecr.account, ecr.region, ecr.repository), ("111111111111", "eu-west-1", "team/app"));
        assert_eq!(ecr.image, json!({"imageTag": "v1"}));
        let ecr = Ecr::of("111111111111.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:00").unwrap();
        assert_eq!(ecr.image, json!({"imageDigest": "sha256:00"}));
        assert!(Ecr::of("public.ecr.aws/lambda/python:3.13").is_none());
    }

    #[test]
    fn recorded_texts() {
        let text = |operation: &str, request, current| {
            refusal(operation, &request, Some(&current)).map(|refusal| refusal.message).unwrap_or_default()
        };
        let (zip, image) = (json!({"PackageType": "Zip"}), json!({"PackageType": "Image"}));
        let uri = json!({"ImageUri": "x"});
        assert!(text("UpdateFunctionCode", uri.clone(), zip).ends_with("with packageType Zip."));
        assert!(text("UpdateFunctionCode", json!({"ZipFile": ""}), image.clone()).ends_with("with packageType Image."));
        assert_eq!(text("UpdateFunctionCode", uri.clone(), image.clone()), "");
        for named in [json!({"Handler": "h"}), json!({"Layers": []})] {
            assert!(text("UpdateFunctionConfiguration", named, image.clone()).contains("Handler or Runtime"));
        }
        // without a package type it is a zip
        assert!(text("CreateFunction", json!({"Code": uri}), json!({})).contains("provide a source"));
    }

    #[test]
    fn the_digest_is_shown_where_aws_shows_it() {
        let mut config = json!({"PackageType": "Image", "ImageUri": "host/app:v1|00ff", "CodeSha256": "", "Runtime": "",
                                "Handler": "", "RuntimeVersionConfig": {},
                                "ImageConfigResponse": {"ImageConfig": {"Command": [], "WorkingDirectory": ""}}});
        show(&mut config);
        assert_eq!(config, json!({"PackageType": "Image", "CodeSha256": "00ff"}));
        let mut code = json!({"ImageUri": "host/app:v1|00ff", "ResolvedImageUri": "host/app:v1|00ff"});
        show_code(&mut code);
        assert_eq!(code["ImageUri"], "host/app:v1");
        assert_eq!(code["ResolvedImageUri"], "host/app@sha256:00ff");
    }
}
