use super::*;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn log_of(lines: &[&str]) -> (tempfile::TempDir, Log) {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::create(folder.path().join("0.log")).unwrap();
    for (second, line) in lines.iter().enumerate() {
        let second = i64::try_from(second).unwrap();
        log.append(at(second), "stdout", line.as_bytes(), true)
            .unwrap();
    }
    (folder, log)
}

async fn read(log: &Log, options: LogOptions) -> String {
    let mut reader = log.read(options).unwrap();
    let mut text = Vec::new();
    while let Some(piece) = reader.next().await.unwrap() {
        text.extend(piece);
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_log_gives_back_what_was_written_or_the_part_that_is_wanted() {
    let (_folder, log) = log_of(&["one", "two", "three"]);
    let wanted = LogOptions::default();
    assert_eq!(read(&log, wanted.clone()).await, "one\ntwo\nthree\n");
    let tail = |lines| LogOptions {
        tail_lines: Some(lines),
        ..LogOptions::default()
    };
    assert_eq!(read(&log, tail(1)).await, "three\n");
    assert_eq!(read(&log, tail(0)).await, "");
    assert_eq!(read(&log, tail(9)).await, "one\ntwo\nthree\n");
    let since = LogOptions {
        since: Some(at(1)),
        ..LogOptions::default()
    };
    assert_eq!(read(&log, since).await, "two\nthree\n");
    let limited = LogOptions {
        limit_bytes: Some(5),
        ..LogOptions::default()
    };
    assert_eq!(read(&log, limited).await, "one\nt");
    let timed = LogOptions {
        timestamps: true,
        tail_lines: Some(1),
        ..LogOptions::default()
    };
    assert_eq!(
        read(&log, timed).await,
        "1970-01-01T00:00:02.000000000Z three\n"
    );
}

#[tokio::test]
async fn a_follower_sees_each_line_as_it_comes_and_ends_with_the_container() {
    let (_folder, log) = log_of(&["one"]);
    let options = LogOptions {
        follow: true,
        ..LogOptions::default()
    };
    let mut reader = log.read(options).unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap(), b"one\n");
    let writer = log.clone();
    let later = tokio::spawn(async move {
        writer.append(at(9), "stderr", b"two", true).unwrap();
        writer.close();
    });
    assert_eq!(reader.next().await.unwrap().unwrap(), b"two\n");
    later.await.unwrap();
    assert_eq!(reader.next().await.unwrap(), None);
}

#[tokio::test]
async fn a_log_is_bounded_and_a_reader_crosses_the_turn() {
    let (_folder, log) = log_of(&["first"]);
    let options = LogOptions {
        follow: true,
        ..LogOptions::default()
    };
    let mut reader = log.read(options).unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap(), b"first\n");
    let line = vec![b'x'; LINE_BYTES_MAX];
    let lines = LOG_BYTES_MAX / line.len() as u64 + 2;
    for _ in 0..lines {
        log.append(at(1), "stdout", &line, true).unwrap();
    }
    log.close();
    let mut seen = 0;
    while let Some(piece) = reader.next().await.unwrap() {
        seen += piece.len() as u64;
    }
    assert_eq!(seen, lines * (line.len() as u64 + 1));
    let size = std::fs::metadata(&log.path).unwrap().len();
    assert!(size < LOG_BYTES_MAX, "{size}");
}

proptest! {
    #[test]
    fn lines_lose_and_invent_nothing(pieces in prop::collection::vec("[ab\n]{0,20}", 0..20)) {
        let mut lines = Lines::default();
        let mut out = Vec::new();
        for piece in &pieces {
            for (line, is_whole) in lines.push(piece.as_bytes()) {
                out.extend(line);
                if is_whole { out.push(b'\n'); }
            }
        }
        out.extend(lines.rest().unwrap_or_default());
        prop_assert_eq!(out, pieces.concat().into_bytes());
    }

    #[test]
    fn any_record_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = Record::read(&bytes).map(|record| record.at());
    }
}
