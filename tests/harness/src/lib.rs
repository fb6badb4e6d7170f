//! Real AWS and Kubernetes clients and a real plane for the journeys: installed once, started and stopped.
//!
//! ```no_run
//! let plane = harness::Plane::start(&[]);
//! let identity = plane.aws(harness::Cli::V2, "ci", "sts get-caller-identity");
//! assert_eq!(identity.json()["Account"], "111111111111");
//! ```
//!
//! Whatever fails here fails the test that asked: a journey that was not walked has not passed.

mod clients;
mod kubernetes;
mod languages;
mod memory;
mod places;
mod plane;
mod ran;

pub use clients::{Cli, Clients};
pub use kubernetes::{Helm, Kubectl};
pub use languages::{Languages, program_of};
pub use memory::in_memory;
pub use places::rolecall;
pub use plane::Plane;
pub use ran::Ran;
