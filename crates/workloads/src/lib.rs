//! Controllers, and the runner that turns a Pod into sandboxed local processes.
//!
//! Both work against one trait, [`api::Api`]: what a system component asks of the Kubernetes API.
//! Decisions are pure functions; what they need is read before, and what they decide is done after.

pub mod api;

mod cache;
mod object;
mod pod;

pub mod runner;

pub mod controllers;

pub mod sandbox;
