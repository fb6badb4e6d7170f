//! A line of an audit file that anyone may have changed is read, or refused, and does no harm.
//! In the ordinary tests: `crates/audit/src/line.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    let Ok(record) = audit::decode(line) else {
        return;
    };
    let _ = audit::render(&record);
    let mut written = Vec::new();
    audit::encode(&record, &mut written);
    let again = audit::decode(&written).map(|again| again.request_id);
    assert_eq!(again, Ok(record.request_id));
});
