//! TLS in front of the emulator, with a chain of certificates like DynamoDB's: root, intermediate and leaf, RSA of 2,048
//! bits. The function finds the root among all that the machine trusts, as on Lambda.

use std::{net::Ipv4Addr, path::PathBuf, sync::Arc};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs::default_provider,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::Failure;

/// Where Debian, Amazon Linux and Fedora keep what they trust.
const BUNDLES: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// Serves until it is dropped.
pub(crate) struct TlsFront {
    pub(crate) endpoint: String,
    /// What the machine trusts and our root: for `SSL_CERT_FILE`.
    pub(crate) bundle: PathBuf,
    /// How many certificates that is.
    pub(crate) trusted: usize,
    server: JoinHandle<()>,
}

impl TlsFront {
    /// Takes TLS off and passes everything on to `target`, an `http://host:port`.
    pub(crate) async fn start(target: &str) -> Result<Self, Failure> {
        let chain = Chain::new().map_err(|error| error.to_string())?;
        let acceptor = TlsAcceptor::from(Arc::new(chain.server_config()?));
        let (bundle, trusted) = bundle(&chain.root.pem())?;
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let target = target.trim_start_matches("http://").to_owned();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass_on(acceptor.clone(), stream, target.clone()));
            }
        });
        Ok(Self { endpoint: format!("https://localhost:{port}"), bundle, trusted, server })
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass_on(acceptor: TlsAcceptor, stream: TcpStream, target: String) {
    let _ = stream.set_nodelay(true);
    let Ok(mut plain) = TcpStream::connect(&target).await else { return };
    let _ = plain.set_nodelay(true);
    // A client that is killed breaks its connection: nothing to tell.
    if let Ok(mut secure) = acceptor.accept(stream).await {
        let _ = copy_bidirectional(&mut secure, &mut plain).await;
    }
}

fn bundle(root: &str) -> Result<(PathBuf, usize), Failure> {
    let known = BUNDLES.iter().find_map(|file| std::fs::read_to_string(file).ok());
    let text = known.ok_or("this machine has no list of trusted roots where Linux keeps it")? + root;
    let file = PathBuf::from("target/bench/trusted.pem");
    std::fs::write(&file, &text).map_err(|error| format!("{}: {error}", file.display()))?;
    let file = file.canonicalize().map_err(|error| error.to_string())?;
    Ok((file, text.matches("BEGIN CERTIFICATE").count()))
}

struct Chain {
    root: Certificate,
    intermediate: Certificate,
    leaf: Certificate,
    key: KeyPair,
}

impl Chain {
    fn new() -> Result<Self, rcgen::Error> {
        let key = || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048);
        let authority = |name: &str| {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            params
        };
        let (root_params, root_key) = (authority("Bench root"), key()?);
        let root = root_params.self_signed(&root_key)?;
        let root_issuer = Issuer::new(root_params, root_key);
        let (middle_params, middle_key) = (authority("Bench intermediate"), key()?);
        let intermediate = middle_params.signed_by(&middle_key, &root_issuer)?;
        let middle_issuer = Issuer::new(middle_params, middle_key);
        let key = key()?;
        let mut params = CertificateParams::new(["localhost".to_owned()])?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let leaf = params.signed_by(&key, &middle_issuer)?;
        Ok(Self { root, intermediate, leaf, key })
    }

    fn server_config(&self) -> Result<ServerConfig, Failure> {
        let chain = vec![self.leaf.der().clone(), self.intermediate.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| error.to_string())
    }
}
