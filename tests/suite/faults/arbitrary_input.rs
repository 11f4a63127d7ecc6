//! Arguments, variables, files and standard input drawn at random.

use super::bodies::gzip;
use super::*;

/// Values that commonly cause bugs.
const NASTY: &[&str] = &[
    "",
    " ",
    "-",
    "--",
    "---",
    "-1",
    "0",
    "1",
    "00",
    "+1",
    "1e9",
    "NaN",
    "inf",
    "0x10",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999",
    "340282366920938463463374607431768211456",
    "1.5",
    ".",
    "..",
    "/",
    "//",
    "./",
    "../../etc/passwd",
    "~",
    "~root",
    "$HOME",
    "`id`",
    "$(id)",
    "%",
    "%0",
    "%00",
    "%zz",
    "%2F",
    "%25",
    "%s%s%n",
    "{}",
    "[]",
    "[",
    "{\"a\":",
    "null",
    "true",
    "\u{0}",
    "\n",
    "\r\n",
    "\t",
    "\u{1b}[2J",
    "\u{7}",
    "\u{9b}31m",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    "é",
    "e\u{301}",
    "日本語",
    "\u{10ffff}",
    "ﷺ",
    "a\u{0}b",
    "a b",
    " a",
    "a ",
    "'",
    "\"",
    "\\",
    "|",
    "&",
    "&&",
    ";",
    "<",
    ">",
    "<!--",
    "]]>",
    "*",
    "?",
    "#",
    "@",
    "@x",
    "@@",
    "a:b",
    ":",
    "::",
    "s3://",
    "s3:///",
    "s3://b",
    "s3://b/",
    "s3://b//k",
    "cos://",
    "cos://us-south",
    "cos://us-south/b/k",
    "cos://x/y/z",
    "arn:",
    "arn:aws:s3:::",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:us-west-2:1:accesspoint/n/k",
    "arn:aws:s3::123456789012:accesspoint/x.mrap/k",
    "http://",
    "https://",
    "http://[",
    "http://[::1",
    "http://[::1]:99999/b/k",
    "https://h:0/b/k",
    "https://u:p@h/b/k",
    "https://h/b/k?x=%",
    "https://h/b/k#f",
    "ftp://h/b",
    "file:///etc/passwd",
    "h:9/b",
    "1h",
    "1d",
    "7d",
    "1w",
    "1y",
    "1h1h",
    "1h-1m",
    "9999999d",
    "1ms",
    "-1h",
    "2026-01-31",
    "2026-01-31T12:00:00Z",
    "2026-13-45",
    "2026-02-30T25:61:61Z",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "1970-01-01T00:00:00+99:99",
    "5MiB",
    "5GB",
    "1 GiB",
    "9EiB",
    "999999999YB",
    "us-south",
    "us-east-1",
    "US-SOUTH",
    "x.y.z",
    "b",
    "b/k",
    "b-1/k",
    "b.1/k",
    "B_/k",
    "b-1/../k",
    "b-1//k",
    "/b/k",
    "a=b",
    "=",
    "=b",
    "a=",
    "a==b",
    "a: b",
    ":b",
    "a:",
    "a:\n b",
    "host: x",
    "Host:",
    "x-amz-date: 1",
    "authorization: x",
    "x-amz-security-token: t",
    "content-length: -1",
    "versionId=1",
    "X-Amz-Signature=1",
    "sha256:",
    "sha256:zz",
    "json",
    "url",
    "curl",
];

const VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "COS_HMAC_ACCESS_KEY_ID",
    "COS_HMAC_SECRET_ACCESS_KEY",
    "COS_CREDENTIALS_FILE",
    "COS_PRESIGN_CONFIG",
    "CE_SERVICES",
    "VCAP_SERVICES",
    "SERVICE_BINDING_ROOT",
    "S3CMD_CONFIG",
    "RCLONE_CONFIG",
    "MC_CONFIG_DIR",
    "MC_CONFIG_ENV_FILE",
    "MC_HOST_b",
    "RCLONE_CONFIG_B_TYPE",
    "RCLONE_CONFIG_B_ACCESS_KEY_ID",
    "HOME",
    "XDG_CONFIG_HOME",
    "NO_COLOR",
    "MC_REGION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "COLUMNS",
    "TERM",
    "LANG",
];

/// Valid files, which are then modified.
const FILES: &[(&str, &str)] = &[
    (
        "AWS_SHARED_CREDENTIALS_FILE",
        "[default]\naws_access_key_id = AKID\naws_secret_access_key = s3cr3t-of-file\n[other]\nx \
         = y\n",
    ),
    (
        "AWS_CONFIG_FILE",
        "[default]\nregion = us-south\ns3 =\n  addressing_style = path\n[profile x]\nrole_arn = \
         arn:aws:iam::1:role/r\nsource_profile = x\nservices = s\n[services s]\ns3 =\n  \
         endpoint_url = https://h\n",
    ),
    (
        "COS_CREDENTIALS_FILE",
        "{\"apikey\":\"x\",\"cos_hmac_keys\":{\"access_key_id\":\"AKID\",\"secret_access_key\":\"s3cr3t-of-file\"}}",
    ),
    (
        "COS_PRESIGN_CONFIG",
        "[target.b]\nregion = \"us-south\"\nbucket = \"b-1\"\nexpires = \"24h\"\nmax_expires = \
         \"7d\"\ncredentials = \"env\"\n",
    ),
    (
        "RCLONE_CONFIG",
        "[b]\ntype = s3\nprovider = Other\nendpoint = h\naccess_key_id = AKID\nsecret_access_key \
         = s3cr3t-of-file\n[c]\ntype = alias\nremote = b:x\n",
    ),
    (
        "S3CMD_CONFIG",
        "[default]\naccess_key = AKID\nsecret_key = s3cr3t-of-file\nhost_base = h\nhost_bucket = \
         %(bucket)s.h\nuse_https = True\n",
    ),
    (
        "MC_CONFIG_ENV_FILE",
        "MC_HOST_b=https://AKID:s3cr3t-of-file@h\n",
    ),
];

/// One input: arguments, variables, standard input and files.
#[derive(Clone, Debug)]
struct Nonsense {
    args: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    stdin: Vec<u8>,
    is_terminal: bool,
}

struct Drawer {
    rng: Rng,
    directory: PathBuf,
    /// Options of each verb: names, and whether they take a value.
    options: Vec<(String, Vec<(String, bool)>)>,
    bases: Vec<Vec<String>>,
    stdins: Vec<Vec<u8>>,
    links: Vec<String>,
}

impl Drawer {
    fn new(directory: PathBuf) -> Drawer {
        // Options that send requests or write files are covered by the tests above.
        let sends = ["verify", "recursive", "output-file", "help"];
        let options = Cli::command()
            .get_subcommands()
            .map(|verb| {
                let options = verb.get_arguments().filter_map(|option| {
                    let name = option.get_long().filter(|name| !sends.contains(name))?;
                    Some((format!("--{name}"), option.get_action().takes_values()))
                });
                (verb.get_name().to_owned(), options.collect())
            })
            .collect();
        let link = signed(&["get", "b-1/k", "--at", NOW], "http://127.0.0.1:1");
        let put = signed(
            &["put", "b-1/k", "--at", NOW, "--content-type", "a/b"],
            "http://127.0.0.1:1",
        );
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<String>>();
        let mut bases: Vec<Vec<String>> = [
            "get b-1/k --region us-south",
            "get b-1/k --region us-east-1 --expires 1h --json",
            "get b-1/k --region us-south -v",
            "get s3://b-1/k --endpoint https://h.example --region r --output curl",
            "get b-1/ --region us-south --keys-from -",
            "get b-1/ --region us-south --keys-from - --input csv --key-column key",
            "get b-1/ --region us-south --keys-from - --input tsv",
            "get b-1/ --region us-south --keys-from - --input jsonl",
            "get b-1/ --region us-south --keys-from - --input inventory",
            "get b/k",
            "get @b/k",
            "get b:k/l",
            "get arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap/report.pdf",
            "put b-1/k --region us-south --content-type a/b --metadata a=b",
            "put b-1/k --region us-south --output html",
            "put b-1/k --region us-south --sse AES256 --acl private",
            "head b-1/k --region us-south",
            "delete b-1/k --region us-south",
            "list b-1/p --region us-south",
            "request POST b-1/k -Q uploads --region us-south",
            "post b-1/in/ --region us-east-1 --max-size 5MB",
            "post b-1/in/ --region us-east-1 --policy -",
            "multipart b-1/k --region us-south --size 100MiB --upload-id x",
            "cors b-1 --region us-south --origin https://www.example.com",
            "cors --origin https://www.example.com --output xml",
            "inspect -",
            "explain expired",
            "stores ibm",
            "config",
            "config @b",
            "completions bash",
            "man get",
        ]
        .iter()
        .map(|text| words(text))
        .collect();
        for verb in [
            "inspect",
            "inspect --json",
            "inspect --repair",
            "diagnose --json",
        ] {
            let mut base = words(verb);
            base.push(link.clone());
            bases.push(base);
        }
        let csv = b"key,size\na,1\n\"b\"\"c\",2\n\"d\ne\",3\n".to_vec();
        let jsonl = b"{\"key\":\"a\",\"expires\":\"2h\",\"method\":\"PUT\",\"headers\":{\"a\":\"b\"},\"version_id\":\"v\"}\n{\"key\":\"\\u0000\"}\n".to_vec();
        let policy =
            b"{\"expiration\":\"2026-02-01T00:00:00Z\",\"conditions\":[{\"bucket\":\"b-1\"},[\"starts-with\",\"$key\",\"in/\"]]}"
                .to_vec();
        let stdins = vec![
            b"a\nb\n\nc".to_vec(),
            csv,
            jsonl,
            policy,
            link.clone().into_bytes(),
            gzip(b"a\nb\n"),
            Vec::new(),
        ];
        Drawer {
            rng: rng(5),
            directory,
            options,
            bases,
            stdins,
            links: vec![link, put],
        }
    }

    fn value(&mut self) -> Vec<u8> {
        match self.rng.below(20) {
            0 => {
                let count = 1 + self.rng.below(40);
                self.rng.bytes(count)
            }
            1 => {
                let count = self.rng.pick(&[100, 1025, 70_000]);
                self.rng.pick(NASTY).repeat(count / 4).into_bytes()
            }
            2 => {
                let link = self.rng.choose(&self.links).clone().into_bytes();
                self.damaged(link)
            }
            3 => [self.rng.pick(NASTY), self.rng.pick(NASTY)]
                .concat()
                .into_bytes(),
            _ => self.rng.pick(NASTY).as_bytes().to_vec(),
        }
    }

    /// Inserts, removes or changes a byte; repeats or drops a piece; inserts a special value.
    fn damaged(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..1 + self.rng.below(3) {
            let at = self.rng.below(bytes.len() + 1);
            let to = (at + self.rng.below(12)).min(bytes.len());
            match self.rng.below(6) {
                0 if at < bytes.len() => bytes[at] = self.rng.next() as u8,
                1 => _ = bytes.drain(at..to),
                2 => {
                    let piece = bytes[at..to].to_vec();
                    bytes.splice(at..at, piece);
                }
                3 => bytes.truncate(at),
                _ => {
                    let nasty = self.rng.pick(NASTY).as_bytes().to_vec();
                    bytes.splice(at..at, nasty);
                }
            }
        }
        bytes
    }

    /// Arguments contain no NUL, and must not become the URL of a foreign host.
    fn word(&mut self) -> OsString {
        let mut value = self.value();
        value.retain(|byte| *byte != 0);
        OsString::from_vec(value)
    }

    fn draw(&mut self) -> Nonsense {
        let base = self.rng.below(self.bases.len());
        let base: Vec<String> = self.bases[base].clone();
        let verb = base[0].clone();
        let mut args: Vec<OsString> = base.iter().map(Into::into).collect();
        for _ in 0..self.rng.below(4) {
            let at = 1 + self.rng.below(args.len());
            match self.rng.below(8) {
                0 if at < args.len() && args.len() > 1 => _ = args.remove(at),
                1 if at < args.len() => args[at] = self.word(),
                2 => {
                    let word = self.word();
                    args.insert(at.min(args.len()), word);
                }
                3 if at < args.len() => {
                    let bytes = args[at].clone().into_vec();
                    let mut damaged = self.damaged(bytes);
                    damaged.retain(|byte| *byte != 0);
                    args[at] = OsString::from_vec(damaged);
                }
                _ => {
                    let options = self
                        .options
                        .iter()
                        .find(|(name, _)| *name == verb)
                        .map_or(&[][..], |(_, options)| options);
                    if options.is_empty() {
                        continue;
                    }
                    let (name, takes_value) = self.rng.choose(options).clone();
                    args.push(name.into());
                    if takes_value && !self.rng.percent(3) {
                        let word = self.word();
                        args.push(word);
                    }
                }
            }
        }
        let mut variables: Vec<(OsString, OsString)> = Vec::new();
        let keys = [
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ];
        if !self.rng.percent(15) {
            variables.extend(keys.iter().map(|(name, value)| (name.into(), value.into())));
        }
        while self.rng.percent(25) {
            let name = self.rng.pick(VARIABLES);
            variables.push((name.into(), self.word()));
        }
        if self.rng.percent(25) {
            let (variable, whole) = self.rng.pick(FILES);
            let file = self.directory.join(variable);
            let bytes = if self.rng.percent(20) {
                whole.as_bytes().to_vec()
            } else {
                self.damaged(whole.as_bytes().to_vec())
            };
            fs::write(&file, bytes).unwrap();
            variables.push((variable.into(), file.into()));
        }
        let index = self.rng.below(self.stdins.len());
        let stdin = self.stdins[index].clone();
        let stdin = if self.rng.percent(60) {
            self.damaged(stdin)
        } else {
            stdin
        };
        Nonsense {
            args,
            variables,
            stdin,
            is_terminal: self.rng.percent(50),
        }
    }
}

/// One sentence and a hint, no control characters, no secrets, one of the exit codes, for any
/// input.
fn sound(input: &Nonsense) -> Result<u8, String> {
    let mut env = Env::new(
        input.variables.clone(),
        NOW.parse().unwrap(),
        std::io::Cursor::new(input.stdin.clone()),
    );
    env.stderr_is_terminal = input.is_terminal;
    env.stdout_is_terminal = input.is_terminal;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = std::iter::once(OsString::from("cos-presign")).chain(input.args.iter().cloned());
    let code = catch_unwind(AssertUnwindSafe(|| {
        cos_presign::run(args, &env, &mut out, &mut err)
    }));
    let code = code.map_err(|_| "it panicked".to_owned())?;
    let said = String::from_utf8_lossy(&err);
    if code > 4 {
        return Err(format!("exit code {code}: {said}"));
    }
    let is_formed = support::ends_in_error_and_hint(&said);
    // A verb without arguments prints an overview; findings are on standard output.
    if matches!(code, 2..=4) && !is_formed && input.args.len() > 1
        || code == 1 && !is_formed && out.is_empty()
    {
        return Err(format!("no error and hint: {said}"));
    }
    // In a pipe `-v` prints values unescaped.
    let shows_values = !input.is_terminal
        && input
            .args
            .iter()
            .any(|arg| arg.as_encoded_bytes().starts_with(b"-v") || arg == "--verbose");
    let harmful = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    if !shows_values && said.contains(harmful) {
        return Err(format!("control characters: {said:?}"));
    }
    if said.contains(SECRET_ACCESS_KEY) || said.contains("s3cr3t-of-file") {
        return Err(format!("a secret: {said}"));
    }
    Ok(code)
}

#[test]
fn any_input_gives_a_documented_exit_code_and_message() {
    let count = draws(size(400, 1000), 10_000);
    let mut drawer = Drawer::new(directory("nonsense"));
    let (give, taken) = channel();
    // Printed before the run, so that an input that hangs is known.
    let in_hand = Arc::new(Mutex::new(None));
    let shown = Arc::clone(&in_hand);
    let worker = thread::spawn(move || {
        let mut codes = [0_usize; 5];
        let mut faults = Vec::new();
        for number in 0..count {
            let input = drawer.draw();
            *in_hand.lock().unwrap() = Some(input.clone());
            match sound(&input) {
                Ok(code) => codes[usize::from(code)] += 1,
                Err(fault) => faults.push(format!(
                    "{number}: {fault}\n{:?}\n{:?}",
                    input.args, input.variables
                )),
            }
            let _ = give.send(());
        }
        (codes, faults)
    });
    loop {
        match taken.recv_timeout(BOUND) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                panic!("it does not end: {:?}", shown.lock().unwrap())
            }
        }
    }
    let (codes, faults) = worker.join().unwrap();
    println!("exit codes: {codes:?}");
    let few: Vec<&str> = faults
        .iter()
        .take(12)
        .map(|fault| &fault[..fault.len().min(1500)])
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {count}:\n{}",
        faults.len(),
        few.join("\n\n")
    );
    // Every exit code occurred, except that of the network, which is not used.
    assert!(
        count < 1000 || codes[..4].iter().all(|number| *number > count / 500),
        "{codes:?}"
    );
}
