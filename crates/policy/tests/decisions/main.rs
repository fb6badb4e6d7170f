//! Who may do what, as rows: one module for each part of the manual.

mod conditions;
mod fixtures;
mod journey;
mod layers;
mod many;
mod matching;
mod principals;
mod reasons;
