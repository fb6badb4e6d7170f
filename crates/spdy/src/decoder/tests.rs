use super::*;
use crate::{Encoder, REFUSED_STREAM};
use proptest::prelude::*;

fn written(frames: &[Frame]) -> BytesMut {
    let (mut encoder, mut bytes) = (Encoder::default(), BytesMut::new());
    for frame in frames {
        encoder.write(frame, &mut bytes);
    }
    bytes
}

fn read(bytes: &[u8], piece: usize) -> Result<Vec<Frame>, Malformed> {
    let (mut decoder, mut frames) = (Decoder::default(), Vec::new());
    for bytes in bytes.chunks(piece.max(1)) {
        decoder.push(bytes);
        while let Some(frame) = decoder.next_frame()? {
            frames.push(frame);
        }
    }
    Ok(frames)
}

fn open(stream: u32, headers: &[(&str, &str)]) -> Frame {
    Frame::Open {
        stream,
        headers: headers.iter().copied().collect(),
        fin: false,
    }
}

/// What kubectl 1.30 sent first for a port-forward: its error stream, and its end of it.
const KUBECTL: &str = include_str!("kubectl-1.30.hex");

#[test]
fn what_kubectl_sends_is_read() {
    let digits: Vec<u8> = KUBECTL.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).unwrap();
        u8::from_str_radix(pair, 16).unwrap()
    };
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
    let frames = read(&bytes, 7).unwrap();
    let Frame::Open {
        stream, headers, ..
    } = &frames[0]
    else {
        panic!("{frames:?}");
    };
    assert_eq!(*stream, 1);
    assert_eq!(headers.get("streamtype"), Some("error"));
    assert_eq!(headers.get("requestid"), Some("0"));
    assert!(headers.get("port").is_some());
    let Frame::Open { headers, .. } = &frames[2] else {
        panic!("{frames:?}");
    };
    // Compressed by what the first block said.
    assert_eq!(headers.get("streamtype"), Some("data"));
}

#[test]
fn a_block_of_headers_goes_on_from_the_one_before() {
    let headers = [("streamtype", "data"), ("port", "8080")];
    let all = [open(1, &headers), open(3, &headers)];
    let (first, both) = (written(&all[..1]).len(), written(&all).len());
    assert!(both - first < first, "the second one is shorter");
    assert_eq!(read(&written(&all), 1), Ok(all.to_vec()));
}

#[test]
fn what_is_no_spdy_is_refused() {
    for (bytes, expected) in [
        (
            &b"\x80\x02\x00\x06\x00\x00\x00\x04\x00\x00\x00\x01"[..],
            Malformed::Version(2),
        ),
        (
            &b"\x00\x00\x00\x01\x00\xff\xff\xff"[..],
            Malformed::TooLong(0x00ff_ffff),
        ),
        (
            &b"\x80\x03\x00\x06\x00\x00\x00\x00"[..],
            Malformed::TooShort(PING),
        ),
        (
            &b"\x80\x03\x00\x01\x00\x00\x00\x04\x00\x00\x00\x01"[..],
            Malformed::TooShort(SYN_STREAM),
        ),
        (
            &b"\x80\x03\x00\x02\x00\x00\x00\x06\x00\x00\x00\x01xx"[..],
            Malformed::Compression,
        ),
    ] {
        assert_eq!(read(bytes, 100), Err(expected));
    }
}

#[test]
fn settings_and_windows_are_passed_over() {
    let mut bytes = BytesMut::from(&b"\x80\x03\x00\x04\x00\x00\x00\x04\x00\x00\x00\x00"[..]);
    bytes.extend_from_slice(b"\x80\x03\x00\x09\x00\x00\x00\x08\x00\x00\x00\x01\x00\x00\xff\xff");
    bytes.extend_from_slice(&written(&[Frame::Ping(1)]));
    assert_eq!(read(&bytes, 100), Ok(vec![Frame::Ping(1)]));
}

#[test]
fn headers_are_inflated_up_to_a_bound() {
    let long = |length: usize| {
        let frame = open(1, &[("a", &"x".repeat(length))]);
        let bytes = written(std::slice::from_ref(&frame));
        assert!(bytes.len() * 20 < length, "what is sent is short");
        read(&bytes, 100).map(|frames| frames == [frame])
    };
    // Three lengths of four bytes and the name.
    assert_eq!(long(HEADERS_BYTES_MAX - 13), Ok(true));
    assert_eq!(long(HEADERS_BYTES_MAX - 12), Err(Malformed::TooManyHeaders));
    assert_eq!(long(1_000_000), Err(Malformed::TooManyHeaders));
}

fn frames() -> impl Strategy<Value = Vec<Frame>> {
    let headers = prop::collection::vec(("[a-z-]{0,9}", ".{0,20}"), 0..5);
    let stream = 0..=STREAM;
    let frame = prop_oneof![
        (stream.clone(), headers, any::<bool>()).prop_map(|(stream, headers, fin)| Frame::Open {
            stream,
            headers: headers.into_iter().collect(),
            fin,
        }),
        (stream.clone(), any::<bool>()).prop_map(|(stream, fin)| Frame::Reply { stream, fin }),
        stream.clone().prop_map(|stream| Frame::Reset {
            stream,
            status: REFUSED_STREAM,
        }),
        any::<u32>().prop_map(Frame::Ping),
        stream.clone().prop_map(|last| Frame::GoAway { last }),
        (
            stream,
            prop::collection::vec(any::<u8>(), 0..100),
            any::<bool>()
        )
            .prop_map(|(stream, bytes, fin)| Frame::Data {
                stream,
                bytes: bytes.into(),
                fin,
            }),
    ];
    prop::collection::vec(frame, 0..8)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_whatever_the_pieces(frames in frames(), piece in 1..64_usize) {
        prop_assert_eq!(read(&written(&frames), piece), Ok(frames));
    }

    #[test]
    fn any_bytes_are_frames_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, 50);
    }
}
