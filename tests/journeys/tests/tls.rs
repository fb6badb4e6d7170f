//! The real `aws` over TLS, trusting the plane's authority and nothing else.

use harness::{Cli, Clients, Plane, Ran};

#[test]
fn aws_speaks_tls_to_the_plane() {
    let plane = Plane::start(&[]);
    let written = std::fs::read(plane.state().join("plane.json")).expect("plane.json");
    let written: serde_json::Value = serde_json::from_slice(&written).expect("an object");
    let url = written["tls_url"].as_str().expect("an address");
    assert!(url.starts_with("https://localhost:"), "{url}");
    for cli in [Cli::V1, Cli::V2] {
        let mut trusting = plane.command(Clients::installed().aws(cli), "ci");
        trusting
            .args(["sts", "get-caller-identity"])
            .env("AWS_ENDPOINT_URL", url);
        assert_eq!(Ran::of(&mut trusting).json()["Account"], "111111111111");
        trusting
            .env_remove("AWS_CA_BUNDLE")
            .env_remove("REQUESTS_CA_BUNDLE");
        let refused = Ran::of(&mut trusting);
        let said = refused.refusal();
        assert!(
            said.contains("SSL") && said.contains("certificate"),
            "{said}"
        );
    }
}
