//! The same question, answered by the plainest code there is: an interpreter of the manual's sentences
//! over JSON, without index, types or cache. Where it and the engine differ, one of them is wrong.
//!
//! [`manual`] is the interpreter, [`engine`] asks the engine the same, [`generate`] makes cases with
//! alphabets so small that things match often, `properties` holds what is true of all cases, and
//! `rows` replays the cases that were found to matter.

mod case;
mod engine;
mod generate;
mod manual;
mod properties;
mod rows;
mod trust;
