//! Controllers, and the runner that turns a Pod into sandboxed local processes.

pub mod sandbox;
