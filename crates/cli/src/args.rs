//! The commands and their flags.

mod lifetime;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The whole identity plane between Kubernetes and AWS in one binary.
///
/// rolecall runs AWS accounts (IAM, STS, EKS) and clusters that vouch for their service accounts,
/// on this machine, enforced as AWS enforces them; and it says why a request was refused.
#[derive(Debug, Parser)]
#[command(
    name = "rolecall",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
A first round:
  rolecall demo                                    the whole journey, step by step
  rolecall up --detach                             start the plane
  eval \"$(rolecall env --account ci)\"              speak to it as the administrator of `ci`
  aws sts get-caller-identity                      any AWS client, unmodified
  rolecall exec --as sa:ci-namespace/ci-serviceaccount@ci -- aws sts get-caller-identity
  rolecall why                                     why was the last request refused?
  rolecall down                                    stop it

Exit codes: 0 yes, 1 the answer is no, 2 wrong usage, 3 could not answer, 130 interrupted."
)]
pub(crate) struct Rolecall {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Folder that holds the plane's state [default: the XDG state folder]
    #[arg(long, global = true, env = "ROLECALL_STATE", value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Form of the result on standard output
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
    /// The same as `--output json`
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// JMESPath expression applied to the result's data (implies JSON unless `-o yaml`)
    #[arg(long, global = true, value_name = "EXPRESSION")]
    pub(crate) query: Option<String>,
    /// Say less on standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more on standard error; repeat for more still
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Colour, on standard output and standard error
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
    /// How steps are shown while a command works
    #[arg(long, global = true, value_enum, default_value_t = Progress::Auto)]
    pub(crate) progress: Progress,
    /// Never ask; fail where an answer would be needed
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for people, with stable columns
    Table,
    /// The table with every column
    Wide,
    /// One envelope object
    Json,
    /// The same envelope as YAML
    Yaml,
    /// The data alone, one JSON value a line
    Jsonl,
    /// Names alone, one a line
    Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Progress {
    Auto,
    Plain,
    None,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the plane: accounts, clusters, and the AWS endpoint
    Up(Up),
    /// Say whether a plane runs, and where
    Status,
    /// Stop the plane
    Down(Down),
    /// Print the environment that points any AWS client at the plane, for `eval`
    Env(Env),
    /// Run a command as an account's administrator, a role, or a service account
    #[command(after_help = "\
Examples:
  rolecall exec --account prod -- aws eks list-clusters
  rolecall exec --as sa:ci-namespace/ci-serviceaccount@ci --role-arn arn:aws:iam::111111111111:role/ci-account-iam-role -- aws sts get-caller-identity
  rolecall exec --as role:arn:aws:iam::333333333333:role/target -- python3 app.py")]
    Exec(Exec),
    /// Say where the kubeconfig of the clusters is; merge it into your own file, or take it out again
    #[command(after_help = "\
Examples:
  export KUBECONFIG=$(rolecall kubeconfig -o name)   every cluster a context, the first one current
  rolecall kubeconfig --cluster prod                 a file in which `prod` is current
  rolecall kubeconfig merge                          add contexts `rolecall-CLUSTER` to your own file
  rolecall kubeconfig remove                         take exactly them out again")]
    Kubeconfig(Kubeconfig),
    /// Start a private plane on free ports, run a command against it, and tear it down
    Run(Run),
    /// Mint and inspect service-account tokens
    #[command(subcommand)]
    Token(Token),
    /// List the keys that sign tokens and seal sessions, and turn them
    #[command(subcommand)]
    Keys(Keys),
    /// Explain one request: hop by hop, with the policy line that decided
    Why(Why),
    /// Read the audit records
    #[command(subcommand)]
    Audit(Audit),
    /// Walk the journey from a service account into another account, then every way to get it wrong
    Demo(Demo),
    /// Explain a stable code that a denial or a warning named
    Explain(Explain),
    /// Write a plane.yaml to start from
    Init(Init),
    /// Print the JSON schema of plane.yaml
    Schema,
    /// Print a completion script (accounts, clusters and codes complete as well)
    Completion(Completion),
    /// Print the manual page
    Man,
    /// Ask the running plane whether it is ready; for container health checks
    Healthcheck,
}

impl Command {
    /// The command's words, as the envelope names them.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Up(_) => "up",
            Self::Status => "status",
            Self::Down(_) => "down",
            Self::Env(_) => "env",
            Self::Exec(_) => "exec",
            Self::Run(_) => "run",
            Self::Kubeconfig(_) => "kubeconfig",
            Self::Token(Token::Create(_)) => "token create",
            Self::Token(Token::Inspect(_)) => "token inspect",
            Self::Keys(Keys::List) => "keys list",
            Self::Keys(Keys::Rotate(_)) => "keys rotate",
            Self::Why(_) => "why",
            Self::Audit(Audit::Tail(_)) => "audit tail",
            Self::Demo(_) => "demo",
            Self::Explain(_) => "explain",
            Self::Init(_) => "init",
            Self::Schema => "schema",
            Self::Completion(_) => "completion",
            Self::Man => "man",
            Self::Healthcheck => "healthcheck",
        }
    }
}

/// What a plane is made of, and how it meets the network.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlaneFlags {
    /// plane.yaml: accounts, regions, clusters, organisation (`-` reads standard input)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Let external issuers have private addresses
    #[arg(long)]
    pub(crate) allow_private_issuers: bool,
    /// PEM file with one more authority to trust when fetching from external issuers
    #[arg(long, value_name = "FILE")]
    pub(crate) issuer_ca: Option<PathBuf>,
    /// Let no token of a Pod or of `kubectl create token` live longer, whatever it asks for; a short life
    /// shows whether a program reads its token file again
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(5..=86_400))]
    pub(crate) token_lifetime_max: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) plane: PlaneFlags,
    /// Address of the AWS endpoint, HTTP and TLS alike; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:4566", env = "ROLECALL_LISTEN", value_parser = address)]
    pub(crate) listen: SocketAddr,
    /// Keep nothing: state lives in memory and goes with the plane
    #[arg(long, conflicts_with = "detach")]
    pub(crate) ephemeral: bool,
    /// Return once the plane is ready, and leave it running
    #[arg(short, long)]
    pub(crate) detach: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Down {
    /// Seconds to wait for open requests
    #[arg(long, default_value_t = 10)]
    pub(crate) timeout: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Env {
    /// Whose administrator to be [default: the first account]
    #[arg(long, value_name = "ACCOUNT", add = clap_complete::ArgValueCompleter::new(crate::running::complete_accounts))]
    pub(crate) account: Option<String>,
    /// The shell, or the file, that will read it
    #[arg(long, value_enum, default_value_t = crate::environment::Shell::Bash)]
    pub(crate) format: crate::environment::Shell,
    /// Print what takes the variables away again
    #[arg(long)]
    pub(crate) unset: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Exec {
    /// Be the administrator of this account
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "identity", add = clap_complete::ArgValueCompleter::new(crate::running::complete_accounts))]
    pub(crate) account: Option<String>,
    /// Be `sa:NAMESPACE/NAME@CLUSTER` (with a real token file) or `role:ARN`
    #[arg(long = "as", id = "identity", value_name = "IDENTITY")]
    pub(crate) identity: Option<Identity>,
    /// The role that the service account is annotated with (AWS_ROLE_ARN) [default: the one role
    /// whose trust policy accepts the token]
    #[arg(long, value_name = "ARN", requires = "identity")]
    pub(crate) role_arn: Option<names::RoleArn>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<std::ffi::OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) plane: PlaneFlags,
    /// Whose administrator to be [default: the first account]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<std::ffi::OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Kubeconfig {
    /// One cluster alone
    #[arg(long, global = true, value_name = "CLUSTER")]
    pub(crate) cluster: Option<String>,
    #[command(subcommand)]
    pub(crate) action: Option<KubeconfigAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KubeconfigAction {
    /// Add the clusters to your own kubeconfig, as contexts `rolecall-CLUSTER`; again to bring them up to date
    ///
    /// All else stays but comments, which kubectl would not keep either; the file as it was is kept beside it.
    Merge(KubeconfigMerge),
    /// Take out what `merge` added for this plane, which need not run
    Remove(KubeconfigRemove),
}

#[derive(Debug, Args)]
pub(crate) struct KubeconfigMerge {
    /// The file to change [default: $KUBECONFIG, or ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Make the first cluster the current context
    #[arg(long = "use")]
    pub(crate) use_context: bool,
    /// What the names of the contexts begin with
    #[arg(long, default_value = "rolecall-")]
    pub(crate) prefix: String,
    /// Replace entries of the same names that are not of this plane
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KubeconfigRemove {
    /// The file to change [default: $KUBECONFIG, or ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Mint a token for a service account, signed by its cluster
    ///
    /// The service account need not exist. AWS takes such a token; the cluster's own API does not: it
    /// knows those that `kubectl create token` mints.
    Create(TokenCreate),
    /// Decode a token, and say which providers and roles would accept it, which would not, and why
    Inspect(TokenInspect),
}

#[derive(Debug, Args)]
pub(crate) struct TokenCreate {
    /// `sa:NAMESPACE/NAME@CLUSTER`; `sa:` may be left out
    pub(crate) service_account: ServiceAccountOfCluster,
    /// Who the token is for; repeat for several
    #[arg(long, default_value = "sts.amazonaws.com")]
    pub(crate) audience: Vec<String>,
    /// Lifetime: seconds, or with a unit as in `30m` and `12h`; from ten minutes to a day
    #[arg(long, default_value = "1h", value_parser = lifetime::lifetime)]
    pub(crate) duration: u64,
}

#[derive(Debug, Args)]
pub(crate) struct TokenInspect {
    /// The token, or `-` for standard input
    #[arg(default_value = "-")]
    pub(crate) token: String,
}

#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The request's id (`x-amzn-RequestId`), or the authorization id of a denial; a denial's whole text or link
    /// will do [default: the last refusal]
    pub(crate) request_id: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Print the newest records
    Tail(AuditTail),
}

#[derive(Debug, Args)]
pub(crate) struct AuditTail {
    /// Go on as records are written
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// How many records to begin with
    #[arg(short = 'n', long, default_value_t = 10)]
    pub(crate) lines: usize,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Drive the real `aws` command instead of our own client
    #[arg(long)]
    pub(crate) clients: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// List every key with its phase: next, active, retiring
    List,
    /// Add a key, which is used once everybody can know it
    #[command(after_help = "\
The plane turns its keys by itself: those of a cluster each week, those of sessions each day. No token and
no session that is valid is refused for it: a new key is published for 15 minutes before it is used, an
old one until the last token or session of it has ended.")]
    Rotate(KeysRotate),
}

#[derive(Debug, Args)]
pub(crate) struct KeysRotate {
    /// Only the signing key of this cluster
    #[arg(long, value_name = "CLUSTER", conflicts_with = "sessions")]
    pub(crate) cluster: Option<names::ClusterName>,
    /// Only the key of sessions
    #[arg(long)]
    pub(crate) sessions: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code of a finding or a failure, such as RC-TRUST-001 or no-plane; none lists them all
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Where to write (`-` for standard output)
    #[arg(default_value = "plane.yaml")]
    pub(crate) file: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Completion {
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `--as`: whom a command runs as.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    ServiceAccount(ServiceAccountOfCluster),
    Role(names::RoleArn),
}

impl std::str::FromStr for Identity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(arn) = text.strip_prefix("role:") {
            return arn
                .parse()
                .map(Self::Role)
                .map_err(|refusal| format!("{refusal}"));
        }
        match text.strip_prefix("sa:") {
            Some(rest) => rest.parse().map(Self::ServiceAccount),
            None => Err(format!(
                "`{text}` is neither `sa:NAMESPACE/NAME@CLUSTER` nor `role:ARN`"
            )),
        }
    }
}

/// A service account, and the cluster that vouches for it.
#[derive(Debug, Clone)]
pub(crate) struct ServiceAccountOfCluster {
    pub(crate) service_account: names::ServiceAccount,
    pub(crate) cluster: names::ClusterName,
}

impl std::fmt::Display for ServiceAccountOfCluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names::ServiceAccount { namespace, name } = &self.service_account;
        write!(f, "{namespace}/{name}@{}", self.cluster)
    }
}

impl std::str::FromStr for ServiceAccountOfCluster {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_prefix("sa:").unwrap_or(text);
        let shape = || format!("`{text}` is not `NAMESPACE/NAME@CLUSTER`");
        let (account, cluster) = text.split_once('@').ok_or_else(shape)?;
        let (namespace, name) = account.split_once('/').ok_or_else(shape)?;
        Ok(Self {
            service_account: names::ServiceAccount {
                namespace: namespace.parse().map_err(|refusal| format!("{refusal}"))?,
                name: name.parse().map_err(|refusal| format!("{refusal}"))?,
            },
            cluster: cluster.parse().map_err(|refusal| format!("{refusal}"))?,
        })
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let teach = |_| "write an address and a port: `127.0.0.1:4566`".to_owned();
    text.parse().map_err(teach)
}
