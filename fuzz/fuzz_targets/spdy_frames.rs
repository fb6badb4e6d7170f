//! Any bytes are frames or refused, and frames are read back as they are written.
//! In the ordinary tests: `crates/spdy/src/decoder/tests.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spdy::{Decoder, Encoder};

fuzz_target!(|bytes: &[u8]| {
    let (mut decoder, mut encoder) = (Decoder::default(), Encoder::default());
    let mut again = Decoder::default();
    decoder.push(bytes);
    while let Ok(Some(frame)) = decoder.next_frame() {
        let mut written = bytes::BytesMut::new();
        encoder.write(&frame, &mut written);
        again.push(&written);
        assert_eq!(again.next_frame(), Ok(Some(frame)));
    }
});
