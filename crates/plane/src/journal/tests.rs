use super::*;
use audit::Written;
use jiff::Timestamp;
use names::RequestId;
use std::net::Ipv4Addr;
use std::sync::atomic::AtomicBool;

/// A disk that takes lines when the test lets it.
#[derive(Clone, Default)]
struct Disk {
    lines: Arc<Mutex<Vec<u8>>>,
    is_full: Arc<AtomicBool>,
    is_shut: Arc<AtomicBool>,
}

impl Disk {
    fn text(&self) -> String {
        String::from_utf8(self.lines.lock().unwrap().clone()).unwrap()
    }

    fn count(&self) -> usize {
        self.text().lines().count()
    }
}

impl audit::Sink for Disk {
    type Refused = std::io::Error;

    fn written(&self) -> Written {
        Written {
            bytes: 0,
            since: Timestamp::MAX,
        }
    }

    fn append(&mut self, lines: &[u8]) -> std::io::Result<()> {
        while self.is_shut.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        if self.is_full.load(Ordering::SeqCst) {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.lines.lock().unwrap().extend_from_slice(lines);
        Ok(())
    }

    fn begin_new(&mut self, _: &str, _: &Rotation, _: Timestamp) -> std::io::Result<()> {
        Ok(())
    }
}

fn record() -> Record {
    let id = RequestId::from_random(chance::random());
    Record::new(id, Timestamp::UNIX_EPOCH, Ipv4Addr::LOCALHOST.into())
}

async fn until(what: impl Fn() -> bool) {
    let waited = tokio::time::timeout(std::time::Duration::from_secs(60), async {
        while !what() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    });
    waited.await.expect("it comes to be");
}

#[tokio::test]
async fn closing_writes_every_record_that_was_kept() {
    let disk = Disk::default();
    let log = AuditLog::over(disk.clone()).unwrap();
    for _ in 0..1_000 {
        log.keep(&record()).await;
    }
    log.close();
    assert_eq!(
        (disk.count(), log.waiting(), log.unwritten()),
        (1_000, 0, 0)
    );
}

#[tokio::test]
async fn a_slow_disk_holds_requests_back_and_loses_nothing() {
    let disk = Disk::default();
    let log = Arc::new(AuditLog::over(disk.clone()).unwrap());
    disk.is_shut.store(true, Ordering::SeqCst);
    let keeping = tokio::spawn({
        let log = Arc::clone(&log);
        async move {
            for _ in 0..20_000 {
                log.keep(&record()).await;
            }
        }
    });
    until(|| log.waiting() + 2_048 > QUEUE_BYTES_MAX as usize).await;
    assert!(log.is_behind() && !keeping.is_finished());
    disk.is_shut.store(false, Ordering::SeqCst);
    keeping.await.unwrap();
    log.close();
    assert_eq!((disk.count(), log.unwritten()), (20_000, 0));
}

#[tokio::test]
async fn a_full_disk_is_told_and_when_there_is_room_the_file_tells_of_the_gap() {
    let disk = Disk::default();
    let log = AuditLog::over(disk.clone()).unwrap();
    disk.is_full.store(true, Ordering::SeqCst);
    let lost = record();
    log.keep(&lost).await;
    until(|| log.failure().is_some()).await;
    assert_eq!(log.unwritten(), 1);
    assert!(log.ring().find(&lost.request_id).is_some(), "`why` goes on");
    disk.is_full.store(false, Ordering::SeqCst);
    until(|| log.failure().is_none()).await;
    let told = disk.text();
    assert!(
        told.contains("AuditRecordsLost") && told.contains("\"1\""),
        "{told}"
    );
    log.keep(&record()).await;
    log.close();
    assert_eq!((disk.count(), log.unwritten()), (2, 1));
}
