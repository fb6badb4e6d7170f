//! The tables that the build script wrote, one module per service.

use crate::model::Service;

macro_rules! tables {
    ($($module:ident)+) => {
        $(
            pub(crate) mod $module {
                #[allow(clippy::wildcard_imports, clippy::allow_attributes, reason = "generated text names them all")]
                use crate::model::*;
                use crate::pattern::Pattern;
                include!(concat!(env!("OUT_DIR"), "/tables_", stringify!($module), ".rs"));
            }
        )+

        static SERVICES: [&Service; [$(stringify!($module)),+].len()] = [$(&$module::SERVICE),+];
    };
}

tables! { sts iam eks eks_auth cloudformation iam_toolbox }

/// Every service that we know, built or not.
pub fn services() -> &'static [&'static Service] {
    &SERVICES
}

/// The service of that name: `sts`, `iam`, `eks`, `eks-auth`, `cloudformation`, `iam-toolbox`.
pub fn service(name: &str) -> Option<&'static Service> {
    SERVICES.into_iter().find(|service| service.name == name)
}
