//! The oldest kube-apiserver that can be built here, with no AWS beside it.

use crate::bed::Bed;
use crate::control_plane::ControlPlane;
use crate::error::Error;
use crate::folder::TempFolder;
use crate::programs;

/// It and its etcd, until dropped.
#[derive(Debug)]
pub struct Oldest {
    /// The way to it. It has no AWS endpoint.
    pub bed: Bed,
    _control_plane: ControlPlane,
    _folder: TempFolder,
}

impl Oldest {
    /// Builds it if need be, and starts it.
    pub async fn start() -> Result<Oldest, Error> {
        let (programs, tools) = tokio::try_join!(programs::oldest_control_plane(), programs::tools())?;
        let folder = TempFolder::create("oldest")?;
        let control_plane = ControlPlane::start(&programs, &tools.kubectl, &folder).await?;
        let bed = Bed {
            kubeconfig: control_plane.kubeconfig.clone(),
            endpoint: String::new(),
            kubectl: tools.kubectl,
            helm: tools.helm,
            audit_log: control_plane.audit_log.clone(),
        };
        Ok(Oldest { bed, _control_plane: control_plane, _folder: folder })
    }
}
