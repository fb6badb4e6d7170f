use super::*;
use tokio::io::DuplexStream;

/// A client's end.
struct Peer {
    io: DuplexStream,
    encoder: Encoder,
    decoder: Decoder,
}

impl Peer {
    fn new() -> (Self, Connection) {
        let (io, other) = tokio::io::duplex(1024 * 1024);
        let peer = Self {
            io,
            encoder: Encoder::default(),
            decoder: Decoder::default(),
        };
        (peer, Connection::over(other))
    }

    async fn tell(&mut self, frame: Frame) {
        let mut bytes = BytesMut::new();
        self.encoder.write(&frame, &mut bytes);
        self.io.write_all(&bytes).await.unwrap();
    }

    async fn open(&mut self, stream: u32) {
        let headers = [("streamtype", "data")].into_iter().collect();
        self.tell(Frame::Open {
            stream,
            headers,
            fin: false,
        })
        .await;
    }

    async fn hear(&mut self) -> Frame {
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                return frame;
            }
            let mut piece = [0; 1024];
            let length = self.io.read(&mut piece).await.unwrap();
            assert_ne!(length, 0, "the connection is at its end");
            self.decoder.push(&piece[..length]);
        }
    }
}

fn data(stream: u32, bytes: &'static [u8], fin: bool) -> Frame {
    let bytes = Bytes::from_static(bytes);
    Frame::Data { stream, bytes, fin }
}

#[tokio::test]
async fn a_stream_is_accepted_and_carries_bytes_both_ways() {
    let (mut peer, mut connection) = Peer::new();
    peer.open(1).await;
    let mut stream = connection.next().await.unwrap();
    assert_eq!(stream.headers.get("streamtype"), Some("data"));
    let reply = Frame::Reply {
        stream: 1,
        fin: false,
    };
    assert_eq!(peer.hear().await, reply);
    peer.tell(data(1, b"up", true)).await;
    assert_eq!(stream.reader.next().await.unwrap(), "up");
    assert_eq!(stream.reader.next().await, None);
    assert!(stream.writer.write(b"down").await);
    stream.writer.end().await;
    assert_eq!(peer.hear().await, data(1, b"down", false));
    assert_eq!(peer.hear().await, data(1, b"", true));
}

#[tokio::test]
async fn a_ping_comes_back() {
    let (mut peer, _connection) = Peer::new();
    peer.tell(Frame::Ping(7)).await;
    assert_eq!(peer.hear().await, Frame::Ping(7));
}

#[tokio::test]
async fn a_stream_that_is_broken_off_is_written_no_more() {
    let (mut peer, mut connection) = Peer::new();
    peer.open(1).await;
    let mut stream = connection.next().await.unwrap();
    peer.tell(Frame::Reset {
        stream: 1,
        status: 5,
    })
    .await;
    assert_eq!(stream.reader.next().await, None);
    assert!(stream.writer.is_reset());
    assert!(!stream.writer.write(b"x").await);
}

#[tokio::test]
async fn a_number_that_is_in_use_is_refused() {
    let (mut peer, mut connection) = Peer::new();
    peer.open(1).await;
    let _stream = connection.next().await.unwrap();
    peer.open(1).await;
    peer.hear().await;
    let status = REFUSED_STREAM;
    assert_eq!(peer.hear().await, Frame::Reset { stream: 1, status });
}

#[tokio::test]
async fn streams_are_refused_above_their_bound() {
    let (mut peer, mut connection) = Peer::new();
    let taken = tokio::spawn(async move {
        let mut all = Vec::new();
        while let Some(stream) = connection.next().await {
            all.push(stream);
        }
        all.len()
    });
    let streams = u32::try_from(STREAMS_MAX).unwrap();
    for number in 0..=streams {
        peer.open(2 * number + 1).await;
    }
    for _ in 0..streams {
        assert!(matches!(peer.hear().await, Frame::Reply { .. }));
    }
    let refused = Frame::Reset {
        stream: 2 * streams + 1,
        status: REFUSED_STREAM,
    };
    assert_eq!(peer.hear().await, refused);
    drop(peer);
    assert_eq!(taken.await.unwrap(), STREAMS_MAX);
}

#[tokio::test]
async fn who_hangs_up_ends_all_streams() {
    let (mut peer, mut connection) = Peer::new();
    peer.open(1).await;
    let mut stream = connection.next().await.unwrap();
    drop(peer);
    assert_eq!(stream.reader.next().await, None);
    assert!(connection.next().await.is_none());
}
