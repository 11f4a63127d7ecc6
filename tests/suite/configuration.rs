//! Files and variables of other tools, and habits from other command lines: each case is one run of
//! the built program in its own home directory.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        Home(tempfile::tempdir().unwrap())
    }

    fn with(self, name: &str, text: impl AsRef<[u8]>) -> Home {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Leading `NAME=value` words are variables.
    fn run(&self, line: &str) -> Run {
        self.run_with(line, b"")
    }

    fn run_with(&self, line: &str, input: &[u8]) -> Run {
        let words: Vec<&str> = line.split(' ').collect();
        let program = words
            .iter()
            .take_while(|word| word.contains('=') && !word.starts_with('-'))
            .count();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cos-presign"));
        command
            .env_clear()
            .env("HOME", self.0.path())
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.0.path());
        for word in &words[..program] {
            let (name, value) = word.split_once('=').unwrap();
            command.env(name, value);
        }
        let mut child = command
            .args(
                words[program..]
                    .iter()
                    .map(|word| word.replace('_', " ").replace("%5F", "_")),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Run(line.to_owned(), child.wait_with_output().unwrap())
    }
}

struct Run(String, Output);

impl Run {
    fn err(&self) -> String {
        String::from_utf8_lossy(&self.1.stderr).into_owned()
    }

    fn out(&self) -> String {
        String::from_utf8_lossy(&self.1.stdout).into_owned()
    }

    fn signs(self, part: &str) -> Run {
        assert!(
            self.1.status.success() && self.out().contains(part),
            "{}: {} {}",
            self.0,
            self.out(),
            self.err()
        );
        self
    }

    fn refused(self, code: i32, parts: &[&str]) -> Run {
        assert_eq!(
            self.1.status.code(),
            Some(code),
            "{}: {} {}",
            self.0,
            self.out(),
            self.err()
        );
        for part in parts {
            assert!(
                self.err().contains(part),
                "{}: {part} is not in {}",
                self.0,
                self.err()
            );
        }
        self
    }

    fn warns(self, part: &str) -> Run {
        assert!(
            self.err().contains(part),
            "{}: {part} is not in {}",
            self.0,
            self.err()
        );
        self
    }

    fn prints_no_note(self) -> Run {
        assert_eq!(self.err(), "", "{}", self.0);
        self
    }
}

const KEYS: &str = "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE \
    AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn keys(command: &str) -> String {
    format!("{KEYS} {command}")
}

fn credentials(id: &str) -> String {
    format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = s3cr3t{id}\n")
}

#[test]
fn keys_of_a_profile_are_from_one_file() {
    let home = Home::new()
        .with(
            ".aws/credentials",
            "[p]\naws_access_key_id = ID1\naws_secret_access_key = \
            one\n[q]\naws_secret_access_key = three\n",
        )
        .with(
            ".aws/config",
            "[profile p]\naws_session_token = STALE\nregion = \
            eu-west-1\n[profile q]\naws_access_key_id = ID2\naws_secret_access_key = two\n",
        );
    let link = home
        .run("get b-1/k --profile p")
        .signs("X-Amz-Credential=ID1")
        .out();
    assert!(!link.contains("STALE"), "{link}");
    home.run("get b-1/k --region us-east-1 --profile q")
        .refused(3, &["has no `aws_access_key_id`", "from one file"]);
}

#[test]
fn aws_files_are_read_as_botocore_reads_them() {
    for (credentials, config, line, part) in [
        // Options with the same indentation, and an indented header.
        (
            "  [default]\n  aws_access_key_id = A1\n  aws_secret_access_key = b\n  region = \
             us-west-2\n",
            "",
            "get b-1/k",
            "us-west-2",
        ),
        (
            "[default]\r\naws_access_key_id = A1\r\naws_secret_access_key = b\r\n",
            "[DEFAULT]\nregion = us-west-2\n[default]\n",
            "get b-1/k",
            "us-west-2",
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nregion = me-west-1\n",
            "get b-1/k",
            "s3.me-west-1.amazonaws.com",
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nendpoint_url = https://h\nregion = a\n",
            "AWS_REGION=us-west-2 get b-1/k",
            "us-west-2",
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nendpoint_url = https://h\nignore_configured_endpoint_urls = true\nregion \
             = us-east-1\n",
            "get b-1/k",
            "amazonaws.com",
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nregion = us-west-2\nuse_fips_endpoint = true\n",
            "get b-1/k",
            "b-1.s3-fips.us-west-2.amazonaws.com",
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nregion = us-west-2\n",
            "AWS_USE_DUALSTACK_ENDPOINT=true get b-1/k",
            "b-1.s3.dualstack.us-west-2.amazonaws.com",
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nregion = us-west-2\ns3 =\n  use_accelerate_endpoint = true\n  \
             addressing_style = path\n",
            "get b-1/k",
            "b-1.s3-accelerate.amazonaws.com",
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nregion = us-west-2\n",
            "get b-1/k --fips --dualstack",
            "b-1.s3-fips.dualstack.us-west-2.amazonaws.com",
        ),
        (
            "[my work]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[profile \"my work\"]\nregion = us-west-2\n",
            "get b-1/k --profile my_work",
            "us-west-2",
        ),
    ] {
        let home = Home::new()
            .with(".aws/credentials", credentials)
            .with(".aws/config", config);
        home.run(line).signs(part).signs("Credential=A1");
    }
    let elsewhere = Home::new()
        .with("elsewhere/config", "[default]\nregion = us-west-2\n")
        .with(".aws/credentials", credentials("A1"));
    elsewhere
        .run("AWS_CONFIG_FILE=~/elsewhere/config get b-1/k")
        .signs("us-west-2");
    elsewhere
        .run("AWS_CONFIG_FILE=$HOME/elsewhere/config get b-1/k")
        .signs("us-west-2");
}

#[test]
fn aws_files_that_cannot_be_used_are_refused_with_their_line() {
    for (credentials, config, line, parts) in [
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\naws_session_token = \
             abc\n  def\n",
            "",
            "get b-1/k --region us-east-1",
            &["session token", "line 4", "several lines"][..],
        ),
        (
            "[default]\nnonsense\n",
            "",
            "get b-1/k --region us-east-1",
            &["line 2"],
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nregion = \"us-west-2\"\n",
            "get b-1/k",
            &["line 2", "is not a name"],
        ),
        (
            "[profile foo]\naws_access_key_id = A1\n",
            "",
            "get b-1/k --region us-east-1 --profile foo",
            &["`[profile foo]`", "written `[foo]`"],
        ),
        (
            "",
            "[foo]\nregion = us-east-1\n",
            "get b-1/k --profile foo",
            &["has `[foo]`", "written `[profile foo]`"],
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nservices = local\n",
            "get b-1/k",
            &["services = local", "no such section"],
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b # mine\n",
            "",
            "get b-1/k --region us-east-1",
            &["line 3", "has a comment behind it"],
        ),
        (
            "[default]\naws_access_key_id = YOUR-ACCESS-KEY-HERE\naws_secret_access_key = b\n",
            "",
            "get b-1/k --region us-east-1",
            &["line 2", "is a placeholder"],
        ),
        (
            "[default]\naws_access_key_id = A1\naws_secret_access_key = b\n",
            "[default]\nregion = us-south\nuse_fips_endpoint = true\n",
            "get b-1/k",
            &["has no FIPS hosts"],
        ),
        (
            "",
            "[default]\nrole_arn = r\nsource_profile = nobody\n",
            "get b-1/k --region us-east-1",
            &["`source_profile = nobody`", "no such profile"],
        ),
        (
            "",
            "[default]\nsso_session = corp\n",
            "get b-1/k --region us-east-1",
            &["`sso_session = corp`", "no such section"],
        ),
        (
            "",
            "[default]\nrole_arn = r\ncredential_source = Environment\n",
            "get b-1/k --region us-east-1",
            &["`AWS_ACCESS_KEY_ID` is not set"],
        ),
    ] {
        let home = Home::new()
            .with(".aws/credentials", credentials)
            .with(".aws/config", config);
        home.run(line).refused(3, parts);
    }
}

#[test]
fn settings_that_cannot_be_applied_are_warned_about() {
    let home = Home::new()
        .with(".aws/credentials", credentials("A1"))
        .with(".aws/config", "[default]\nuse_fips_endpoint = true\n");
    home.run("get b-1/k --endpoint https://minio.example.com --region r")
        .warns("use_fips_endpoint")
        .signs("minio.example.com");
    home.run("get b-1/k --endpoint https://minio.example.com --region r --fips")
        .refused(2, &["--fips"]);
    let misplaced = Home::new()
        .with(".aws/credentials", credentials("A1"))
        .with(
            ".aws/config",
            "[default]\nregion = us-east-1\ns3 =\n  endpoint_url = https://h\n",
        );
    misplaced
        .run("get b-1/k")
        .warns("`endpoint_url` below `s3 =`")
        .signs("amazonaws.com");
    let mrap = "get arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap/k -v";
    home.run(&format!(
        "AWS_SIGV4A_SIGNING_REGION_SET=us-east-1,us-west-2 {mrap}"
    ))
    .signs("X-Amz-Region-Set=us-east-1%2Cus-west-2");
    home.run("AWS_USE_FIPS_ENDPOINT=yes get b-1/k --region us-east-1")
        .warns("the AWS tools read as false");
}

#[test]
fn temporary_credentials_end_when_their_file_says() {
    for (option, end) in [
        ("aws_credential_expiration", "2099-01-31T12:00:00Z"),
        ("x_security_token_expires", "2099-01-31T12:00:00+00:00"),
        ("expiration", "2099-01-31 12:00:00"),
        ("aws_expiration", "2099-01-31T12:00:00.000+0000"),
    ] {
        let home = Home::new().with(
            ".aws/credentials",
            format!(
                "{}aws_session_token = t\n{option} = {end}\n",
                credentials("ASIA1")
            ),
        );
        home.run("get b-1/k --region us-east-1 --at 2099-01-31T11:30:00Z")
            .warns("2099-01-31T12:00:00Z");
    }
}

#[test]
fn s3cmd_files_are_read_as_s3cmd_reads_them() {
    let pair = "access_key = A1\nsecret_key = b\n";
    for (text, line, part) in [
        (
            format!(
                "[ default ]\n{pair}[mine]\nhost_base = h.example.com\nhost_bucket = \
                 h.example.com\n"
            ),
            "get b-1/k",
            "https://h.example.com/b-1/k",
        ),
        (
            format!(
                "{pair}host_base = https://h.example.com\nhost_bucket = \
                 %(bucket)s.h.example.com\nuse_https = no\n"
            ),
            "get b-1/k",
            "http://b-1.h.example.com/k",
        ),
        (
            format!(
                "{pair}host_base = h.example.com\nhost_bucket = %(bucket)s.other.example.com\n"
            ),
            "get b-1/k",
            "https://b-1.other.example.com/k",
        ),
        (
            format!("{pair}host_base = $MY%5FHOST\nhost_bucket = h\n"),
            "MY_HOST=h.example.com get b-1/k",
            "",
        ),
        (
            format!("{pair}host_base = h.example.com\nbucket_location = EU\n"),
            "get b-1/k",
            "%2Feu-west-1%2F",
        ),
        (
            format!("{pair}host_base = a.example.com\nhost_base = h.example.com\n"),
            "get b-1/k",
            "https://h.example.com/b-1/k",
        ),
    ] {
        let text = text.replace("%5F", "_");
        Home::new()
            .with(".s3cfg", text)
            .run(line)
            .signs(part)
            .signs("Credential=A1");
    }
    for (more, part) in [
        ("signature_v2 = True\n", "version 2"),
        ("use_https = maybe\n", "neither yes nor no"),
        ("host_base = $UNSET\n", "`UNSET`, which is not set"),
    ] {
        let home = Home::new().with(".s3cfg", format!("{pair}{more}"));
        home.run("get b-1/k --credentials-from s3cmd")
            .refused(3, &[part, "line 3"]);
    }
}

#[test]
fn rclone_remotes_are_read_as_rclone_reads_them() {
    let remote = "[r]\ntype: s3\nprovider = `IBMCOS`\nendpoint: \
        s3.us-south.cloud-object-storage.appdomain.cloud\naccess_key_id = A1\nsecret_access_key = \
        b\n";
    let home = Home::new().with(".config/rclone/rclone.conf", remote);
    home.run("get r:b-1/k").signs("/b-1/k?").signs("us-south");
    home.run("get nowhere:b-1/k --region us-south")
        .refused(2, &["`nowhere:` is not a remote of rclone"]);
    home.run("get nowhere:b-1/k")
        .refused(3, &["`nowhere:` is not a remote of rclone"]);
    home.run("get \
        :s3,provider=Minio,endpoint='http://h:9000',access%5Fkey%5Fid=A2,secret%5Faccess%5Fkey=s3cr3t:b-1/k")
        .signs("http://h:9000/b-1/k?")
        .signs("Credential=A2");
    let refused = home
        .run("get :s3,secret%5Faccess%5Fkey='s3cr3t:b-1/k")
        .refused(2, &["connection string of rclone"]);
    assert!(!refused.err().contains("s3cr3t"), "{}", refused.err());
    let junk = Home::new().with(".config/rclone/rclone.conf", format!("{remote}nonsense\n"));
    junk.run("get r:b-1/k").refused(3, &["line 7"]);
}

#[test]
fn rclone_settings_that_a_url_does_not_carry_are_warned_about() {
    let remote = "[r]\ntype = s3\nprovider = Minio\nendpoint = h.example.com\naccess_key_id = A1\nsecret_access_key = b\n";
    let home = Home::new().with(
        ".config/rclone/rclone.conf",
        format!("{remote}requester_pays = true\nsse_customer_key = k\nserver_side_encryption = AES256\nforce_path_style = false\n"),
    );
    let download = home
        .run("get r:b-1/k")
        .signs("https://b-1.h.example.com/k?")
        .warns("`requester_pays` of the rclone remote `r`")
        .warns("`--requester-pays`")
        .warns("`--sse-c-key-file FILE`");
    assert!(!download.err().contains("server_side_encryption"));
    home.run("put r:b-1/k").warns("`--sse AES256`");
    let amazon = "[r]\ntype = s3\nprovider = AWS\nregion = eu-west-1\naccess_key_id = A1\nsecret_access_key = b\n";
    let home = Home::new().with(
        ".config/rclone/rclone.conf",
        format!("{amazon}use_accelerate_endpoint = true\nuse_dual_stack = true\n"),
    );
    home.run("get r:b-1/k")
        .signs("https://b-1.s3-accelerate.dualstack.amazonaws.com/k?");
    let both = format!("{remote}use_accelerate_endpoint = true\n");
    Home::new()
        .with(".config/rclone/rclone.conf", both)
        .run("get r:b-1/k")
        .refused(
            3,
            &["`use_accelerate_endpoint`", "requires accelerated hosts"],
        );
    let wasabi = remote
        .replace("endpoint = h.example.com\n", "")
        .replace("Minio", "Wasabi");
    Home::new()
        .with(".config/rclone/rclone.conf", wasabi)
        .run("get r:b-1/k")
        .refused(3, &["has no endpoint", "rclone config update"]);
}

#[test]
fn encrypted_rclone_config_is_decrypted_by_rclone() {
    use std::os::unix::fs::PermissionsExt;
    let program = r#"#!/bin/sh
[ "$1 $2 $3" = "config dump --ask-password=false" ] || exit 9
[ "$RCLONE_CONFIG_PASS" = right ] || { echo "Couldn't decrypt configuration" >&2; exit 1; }
echo '{"r": {"type": "s3", "provider": "Minio", "endpoint": "h.example.com", "access_key_id": "A1", "secret_access_key": "b"}}'
"#;
    let home = Home::new()
        .with(
            ".config/rclone/rclone.conf",
            "# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nAAAA\n",
        )
        .with("bin/rclone", program);
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(home.path("bin/rclone"), mode).unwrap();
    let path = format!("PATH={}:/bin", home.path("bin").display());
    home.run(&format!("{path} RCLONE_CONFIG_PASS=right get r:b-1/k"))
        .signs("https://h.example.com/b-1/k?")
        .signs("Credential=A1");
    home.run(&format!("{path} RCLONE_CONFIG_PASS=wrong get r:b-1/k"))
        .refused(
            3,
            &["rclone cannot decrypt it: Couldn't decrypt configuration"],
        );
    home.run("get r:b-1/k").refused(
        3,
        &[
            "is encrypted, and no password is given",
            "`RCLONE_CONFIG_PASS`",
        ],
    );
    home.run("PATH=/nowhere RCLONE_CONFIG_PASS=right get r:b-1/k")
        .refused(3, &["is not installed", "install rclone"]);
}

#[test]
fn variables_of_other_tools_are_read() {
    let home = Home::new();
    home.run(&keys(
        "COS_ENDPOINT=s3.us-south.cloud-object-storage.appdomain.cloud get b-1/k",
    ))
    .signs("us-south");
    home.run(&keys("IBMCLOUD_REGION=eu-de get b-1/k"))
        .signs("https://s3.eu-de.cloud-object-storage.appdomain.cloud/b-1/k");
    home.run(&keys("COS_BUCKET_LOCATION=us-south-smart get b-1/k"))
        .signs("%2Fus-south%2F");
    home.run(&keys(
        "S3_ENDPOINT=https://h.example.com get b-1/k --region r",
    ))
    .signs("https://h.example.com/b-1/k");
    home.run("MINIO_ACCESS_KEY=A1 MINIO_SECRET_KEY=b get b-1/k --endpoint https://h --region r")
        .signs("Credential=A1");
    home.run("AWS_ACCESS_KEY=A1 AWS_SECRET_KEY=b get b-1/k --region us-east-1")
        .signs("Credential=A1");
    home.run(
        "S3_ACCESS_KEY_ID=A1 S3_SECRET_ACCESS_KEY=b get b-1/k --endpoint https://h --region r",
    )
    .signs("Credential=A1");
    home.run("IBMCLOUD_API_KEY=x get b-1/k --region us-south")
        .refused(3, &["`IBMCLOUD_API_KEY` has an API key", "HMAC"]);
    home.run("COS_API_KEY_ID=x get b-1/k --endpoint https://h --region r")
        .refused(3, &["`COS_API_KEY_ID` has an API key", "AWS_ACCESS_KEY_ID"]);
}

#[test]
fn service_credentials_are_read_in_every_form() {
    let document = r#"{"cos_hmac_keys":{"access_key_id":"A1","secret_access_key":"b"}}"#;
    let escaped = serde_json::json!({ "credentials_json": document }).to_string();
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(document.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for text in [
        document.as_bytes(),
        escaped.as_bytes(),
        serde_json::json!(document).to_string().as_bytes(),
        &utf16,
    ] {
        Home::new()
            .with("k.json", text)
            .run("get b-1/k --region us-south --service-credential k.json")
            .signs("Credential=A1");
    }
    let twice = format!(
        r#"{{"cloud-object-storage":[{{"credentials":{document}}},{{"credentials":{document}}}]}}"#
    );
    Home::new()
        .run(&format!(
            "VCAP_SERVICES={twice} get b-1/k --region us-south"
        ))
        .signs("Credential=A1");
}

#[test]
fn what_inspect_would_find_is_said_when_it_is_signed() {
    let home = Home::new();
    home.run(
        "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=b get b-1/k --region \
        us-east-1",
    )
    .warns("no X-Amz-Security-Token");
    home.run(&keys(
        "get b-1/k --region us-east-1 --response-content-disposition attachment;filename=日.txt",
    ))
    .warns("ISO-8859-1");
    home.run(&keys("get b-1/k --region us-east-1"))
        .prints_no_note();
    let bulk = home.run_with(
        "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=b get \
        b-1 --region us-east-1 --keys-from -",
        b"a\nb\n",
    );
    assert_eq!(
        bulk.err().matches("X-Amz-Security-Token").count(),
        1,
        "{}",
        bulk.err()
    );
}

#[test]
fn a_secret_on_the_command_line_is_not_repeated() {
    let home = Home::new();
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    for line in [
        format!("get b-1/k --region us-east-1 --secret-key {secret}"),
        format!("get b-1/k --region us-east-1 --aws-secret-access-key={secret}"),
        format!("get b-1/k --region us-east-1 --access-key-id A1 --secret-file {secret}"),
        format!("get b-1/k --region us-east-1 --session-token {secret}"),
    ] {
        let run = home.run(&line);
        assert!(
            !run.1.status.success() && !run.err().contains("wJalr"),
            "{line}: {}",
            run.err()
        );
        assert!(run.err().contains("hint: "), "{line}: {}", run.err());
    }
}

#[test]
fn habits_of_other_tools_work() {
    let home = Home::new();
    let plain = home
        .run(&keys(
            "get b-1/k --region us-east-1 --at 2026-01-01 --expires 3600",
        ))
        .out();
    for line in [
        "presign b-1/k --region us-east-1 --at 2026-01-01",
        "s3 presign s3://b-1/k --region us-east-1 --expires-in 3600 --at 2026-01-01",
        "sign b-1/k --region us-east-1 --at 2026-01-01",
        "link b-1/k --region us-east-1 --at 2026-01-01",
        "signurl s3://b-1/k --region us-east-1 --at 2026-01-01 +3600",
        "--region us-east-1 --at 2026-01-01 get b-1/k",
        "get b-1/k --region us-east-1 --region us-east-1 --at 2020-01-01 --at 2026-01-01",
        "get b-1/k --region us-east-1 --at 2026-01-01 --ttl 1h",
        "get b-1/k --region us-east-1 --at 2026-01-01 -E 60min",
        "get b-1/k --region us-east-1 --at 2026-01-01 --duration PT1H",
        "get b-1/k --region us-east-1 --at 2026-01-01 --no-paginate --color off --no-cli-pager \
         --cli-read-timeout 0",
        "get b-1/k --region us-east-1 --at 2026-01-01 --output text",
        "get b-1/k --region us-east-1 --at 2026-01-01 --expires%5Fin 3600",
        "get b-1/k --region us-east-1 --at 2026-01-01 --expires-at +1h",
        "get b-1/k --region us-east-1 --at 2026-01-01 --until 1767229200",
    ] {
        let run = home.run(&keys(line));
        assert_eq!(run.out(), plain, "{line}: {}", run.err());
    }
    for (line, code, part) in [
        (
            "get b-1/k --region us-east-1 --method PUT",
            2,
            "`cos-presign put b-1/k --region us-east-1`",
        ),
        (
            "get b-1/k --no-sign-request",
            2,
            "`--no-sign-request` requests without a signature",
        ),
        (
            "get b-1/k --cache-control no-cache",
            2,
            "--response-cache-control",
        ),
        ("get b-1/k --signature-version s3", 2, "version 4"),
        ("get - --region us-east-1", 2, "--keys-from -"),
        (
            "get --keys-from keys.txt --region us-east-1",
            2,
            "BUCKET --keys-from FILE",
        ),
        ("help get", 0, ""),
        ("help", 0, ""),
        ("version", 0, ""),
    ] {
        home.run(&keys(line)).refused(code, &[part]);
    }
    home.run(&keys("get b-1/*.gz --region us-east-1"))
        .warns("--include");
    home.run(&keys("get b-1/k --region us-east-1 --query Contents[].Key"))
        .warns("does not filter");
    home.run(&keys("get cos://my-bucket/dir/k --region us-south"))
        .signs("/my-bucket/dir/k?")
        .warns("note: `my-bucket` is not a location of IBM COS");
    home.run(&keys("get b-1/k --region us-east-1 --grant-read id=1"))
        .refused(2, &["`--grant-read` sets permissions", "cos-presign put"]);
}

#[test]
fn only_similar_names_are_suggested() {
    let home = Home::new();
    assert!(home.run("get b-1/k --regoin x").err().contains("--region"));
    let far = home.run("get b-1/k --tags x").err();
    assert!(!far.contains("a similar argument"), "{far}");
}

#[test]
fn errors_for_programs_are_json() {
    let home = Home::new();
    for line in [
        "get b-1/k --region us-suoth-9x --json",
        "get b-1/k --nonsense --output json",
        "get b-1/k --json --secret-key x",
    ] {
        let run = home.run(line);
        let object: serde_json::Value = serde_json::from_str(&run.err())
            .unwrap_or_else(|error| panic!("{line}: {error}: {}", run.err()));
        assert_eq!(
            object["exit_code"].as_i64(),
            run.1.status.code().map(i64::from),
            "{line}"
        );
        assert!(
            object["error"].is_string() && object["hint"].is_string(),
            "{line}: {object}"
        );
    }
}

#[test]
fn headers_of_uploads_are_options() {
    let home = Home::new();
    let run = home.run(&keys(
        "put b-1/k --region us-east-1 --json --cache-control no-cache --content-disposition \
         inline --content-encoding gzip --content-language de --tagging a=b&c=d \
         --object-lock-mode governance --object-lock-until 2030-01-01 --object-lock-hold \
         --website-redirect /x --expected-bucket-owner 1 --grant-read id=1 --if-match e \
         --checksum-sha512 \
         z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    ));
    let report: serde_json::Value =
        serde_json::from_str(&run.out()).unwrap_or_else(|_| panic!("{}", run.err()));
    let text = report.to_string();
    for part in [
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "x-amz-tagging",
        "GOVERNANCE",
        "2030-01-01T00:00:00Z",
        "x-amz-object-lock-legal-hold",
        "x-amz-website-redirect-location",
        "x-amz-expected-bucket-owner",
        "x-amz-grant-read",
        "if-match",
        "x-amz-checksum-sha512",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    home.run(&keys(
        "put b-1/k --region us-east-1 --object-lock-mode x --object-lock-until 2030-01-01",
    ))
    .refused(2, &["GOVERNANCE"]);
    home.run(&keys("put b-1/k --region us-east-1 --tagging x"))
        .refused(2, &["is not a list of tags"]);
    home.run(&keys(
        "post b-1/k --region us-east-1 --field x-amz-tagging=a",
    ))
    .refused(2, &["ignored by S3"]);
}

#[test]
fn manifests_signed_as_lists_are_warned_about() {
    let home = Home::new()
        .with("keys.csv", "key,size\na,1\n")
        .with("lines.jsonl", "{\"key\":\"a\"}\n")
        .with("targets.txt", "s3://b-1/a\ns3://b-2/b\n\ns3://\n")
        .with("inventory.csv", "\"other\",\"a\",\"1\"\n")
        .with("versions.csv", "\"b-1\",\"a\",\"v1\",\"true\",\"true\",\"0\"\n\"b-1\",\"b\",\"v2\",\"true\",\"false\",\"1\"\n");
    home.run(&keys("get b-1 --region us-east-1 --keys-from keys.csv"))
        .warns("--input csv");
    home.run(&keys("get b-1 --region us-east-1 --keys-from lines.jsonl"))
        .warns("--input jsonl");
    home.run(&keys("get b-1 --region us-east-1 --keys-from targets.txt"))
        .warns("--input targets");
    home.run(&keys(
        "get b-1 --region us-east-1 --keys-from inventory.csv --input inventory",
    ))
    .refused(2, &["inventory of the bucket `other`"]);
    let targets = home
        .run(&keys(
            "get --region us-east-1 --keys-from targets.txt --input targets",
        ))
        .refused(1, &["line 4"]);
    assert_eq!(targets.out().lines().count(), 2, "{}", targets.out());
    assert!(targets.out().contains("//b-1.s3") && targets.out().contains("//b-2.s3"));
    let versions = home
        .run(&keys(
            "get b-1 --region us-east-1 --keys-from versions.csv --input inventory",
        ))
        .refused(1, &["delete marker"]);
    assert_eq!(versions.out().lines().count(), 1, "{}", versions.out());
    home.run(&keys(
        "delete b-1 --region us-east-1 --keys-from versions.csv --input inventory",
    ))
    .signs("versionId=v1");
}

/// The table of `docs/credentials.md`: of two adjacent sources the upper one takes precedence.
#[test]
fn config_shows_what_takes_precedence() {
    let home = Home::new()
        .with(".aws/credentials", credentials("FILE"))
        .with(
            ".aws/config",
            "[default]\nregion = eu-west-1\nendpoint_url = https://profile.example.com\n[profile \
         other]\nregion = eu-west-2\naws_access_key_id = OTHER\naws_secret_access_key = b\n",
        );
    for (line, parts) in [
        (
            "config b-1 --json",
            &["FILE", "https://profile.example.com", "eu-west-1"][..],
        ),
        ("AWS_REGION=us-west-1 config b-1 --json", &["us-west-1"]),
        (
            "AWS_REGION=us-west-1 AWS_DEFAULT_REGION=us-west-2 config b-1 --json",
            &["us-west-1"],
        ),
        (
            "AWS_REGION=us-west-1 config b-1 --json --region us-south",
            &["us-south"],
        ),
        (
            "COS_ENDPOINT=https://cos.example.com config b-1 --json",
            &["https://cos.example.com"],
        ),
        (
            "COS_ENDPOINT=https://cos.example.com AWS_ENDPOINT_URL=https://all.example.com config \
             b-1 --json",
            &["https://all.example.com"],
        ),
        (
            "AWS_ENDPOINT_URL=https://all.example.com AWS_ENDPOINT_URL_S3=https://s3.example.com \
             config b-1 --json",
            &["https://s3.example.com"],
        ),
        (
            "AWS_ENDPOINT_URL_S3=https://s3.example.com config b-1 --json --endpoint \
             https://option.example.com",
            &["https://option.example.com"],
        ),
        (
            "AWS_PROFILE=other config b-1 --json",
            &["OTHER", "eu-west-2"],
        ),
        (
            "AWS_PROFILE=default config b-1 --json --profile other",
            &["OTHER", "eu-west-2"],
        ),
        (
            "MINIO_ACCESS_KEY=A1 MINIO_SECRET_KEY=b config b-1 --json",
            &["FILE"],
        ),
    ] {
        let run = home.run(line);
        for part in parts {
            assert!(
                run.1.status.success() && run.out().contains(part),
                "{line}: {part}: {} {}",
                run.out(),
                run.err()
            );
        }
    }
    home.run(&keys("config b-1 --json"))
        .signs("AKIAIOSFODNN7EXAMPLE");
    home.run("config --region us-south").signs("us-south");
}

/// One row of a column of the table: what sets it, and the value or source that is then in effect.
enum Row {
    /// Words of the command line.
    Option(&'static str, &'static str),
    /// `NAME=value NAME=value`.
    Variable(&'static str, &'static str),
    /// A file and its text.
    File(&'static str, &'static str, &'static str),
    /// Another TARGET, and the options that it needs.
    Target(&'static str, &'static str),
}

/// With each row and all below it the value is that of the row.
fn check_column(field: &str, command: &str, rows: &[Row]) {
    for first in 0..rows.len() {
        let (mut variables, mut options) = (String::new(), String::new());
        let (mut target, rest) = command.split_once(' ').unwrap_or((command, ""));
        let mut files: Vec<(&str, String)> = Vec::new();
        for row in &rows[first..] {
            match row {
                Row::Target(words, _) => target = words,
                Row::Option(words, _) => options = format!("{options} {words}"),
                Row::Variable(words, _) => variables = format!("{variables}{words} "),
                Row::File(name, text, _) => match files.iter_mut().find(|(known, _)| known == name)
                {
                    Some((_, whole)) => whole.push_str(text),
                    None => files.push((name, (*text).to_owned())),
                },
            }
        }
        let home = files
            .iter()
            .fold(Home::new(), |home, (name, text)| home.with(name, text));
        let (Row::Option(what, expected)
        | Row::Variable(what, expected)
        | Row::Target(what, expected)
        | Row::File(what, _, expected)) = &rows[first];
        let line = format!("{variables}config {target} {rest} --json{options}");
        let run = home.run(&line.split_whitespace().collect::<Vec<_>>().join(" "));
        let report: serde_json::Value = serde_json::from_str(&run.out())
            .unwrap_or_else(|error| panic!("{what}: {error}: {}", run.err()));
        assert_eq!(
            report[field]["value"].as_str(),
            Some(*expected),
            "{what}: {report}"
        );
    }
}

/// An alias, a remote, a target of `config.toml` or an address: its store and its keys go before
/// all that is configured elsewhere.
#[test]
fn what_the_target_names_takes_precedence() {
    use Row::{File, Option, Target, Variable};
    const RCLONE: &str = "[remote]\ntype = s3\nprovider = Minio\naccess_key_id = NAMED\n\
        secret_access_key = b\nendpoint = https://named.example.com\nregion = named-1\n";
    const OWN: &str = "[target.own]\nendpoint = \"https://named.example.com\"\nregion = \
        \"named-1\"\nbucket = \"b-1\"\naccess_key_id = \"NAMED\"\nsecret_file = \"secret\"\n";
    const MC: &str = r#"{"version":"10","aliases":{"store":{"url":"https://named.example.com",
        "accessKey":"NAMED","secretKey":"bbbbbbbb","api":"S3v4","path":"auto"}}}"#;
    let by_variables = || {
        [Variable(
            "AWS_ACCESS_KEY_ID=AWS AWS_SECRET_ACCESS_KEY=b AWS_REGION=variable-1 \
                 AWS_ENDPOINT_URL=https://variable.example.com",
            "",
        )]
    };
    for (target, file, text, region) in [
        (
            "store/b-1 --credentials-from mc",
            ".mc/config.json",
            MC,
            "variable-1",
        ),
        (
            "remote:b-1 --credentials-from rclone",
            ".config/rclone/rclone.conf",
            RCLONE,
            "named-1",
        ),
        ("@own", ".config/cos-presign/config.toml", OWN, "named-1"),
    ] {
        for (field, named, variable) in [
            ("access_key_id", "NAMED", "AWS"),
            (
                "endpoint",
                "https://named.example.com",
                "https://variable.example.com",
            ),
            ("region", region, "variable-1"),
        ] {
            let mut rows = vec![Target(target, named), File(file, text, variable)];
            if field == "region" {
                rows.insert(0, Option("--region option-1", "option-1"));
            }
            rows.push(File(".config/cos-presign/secret", "b", variable));
            rows.extend(by_variables().map(|row| match row {
                Variable(words, _) => Variable(words, variable),
                row => row,
            }));
            check_column(field, "b-1", &rows);
        }
    }
    check_column(
        "endpoint",
        "b-1",
        &[
            Target(
                "https://address.example.com/b-1",
                "https://address.example.com",
            ),
            Option(
                "--provider aws --region us-west-2",
                "https://s3.us-west-2.amazonaws.com",
            ),
            Variable(
                "AWS_ENDPOINT_URL_S3=https://s3.example.com",
                "https://s3.example.com",
            ),
        ],
    );
    check_column(
        "endpoint",
        "b-1",
        &[
            Target(
                "cos://us-south/b-1",
                "https://s3.us-south.cloud-object-storage.appdomain.cloud",
            ),
            Variable(
                "AWS_ENDPOINT_URL=https://s3.example.com",
                "https://s3.example.com",
            ),
        ],
    );
    check_column(
        "region",
        "b-1",
        &[
            Target("cos://us-south/b-1", "us-south"),
            Variable("AWS_REGION=us-west-2", "us-west-2"),
        ],
    );
    check_column(
        "region",
        "b-1",
        &[
            Target(
                "https://s3.eu-de.cloud-object-storage.appdomain.cloud/b-1",
                "eu-de",
            ),
            Variable("AWS_REGION=us-west-2", "us-west-2"),
        ],
    );
    check_column(
        "access_key_id",
        "b-1 --endpoint https://h.example.com --region r",
        &[
            Option("--access-key-id OPTION --secret-file secret.txt", "OPTION"),
            File("secret.txt", "b", "AWS"),
            Target("https://h.example.com/b-1", "AWS"),
            Variable("AWS_ACCESS_KEY_ID=AWS AWS_SECRET_ACCESS_KEY=b", "AWS"),
        ],
    );
}

#[test]
fn columns_of_the_precedence_table_hold() {
    use Row::{File, Option, Variable};
    const S3CMD: &str =
        "[default]\naccess_key = S3CMD\nsecret_key = b\nhost_base = s3cmd.example.com\n";
    const IBM: &str = r#"{"cos_hmac_keys":{"access_key_id":"DOCUMENT","secret_access_key":"b"}}"#;
    const PROFILE: &str = "[default]\naws_access_key_id = PROFILE\naws_secret_access_key = b\n";
    const NAMED: &str = "[named]\naws_access_key_id = NAMED\naws_secret_access_key = b\n";
    check_column(
        "access_key_id",
        "b-1 --endpoint https://h.example.com --region r",
        &[
            Option("--access-key-id OPTION --secret-file secret.txt", "OPTION"),
            File("secret.txt", "b", "AWS"),
            Variable("AWS_ACCESS_KEY_ID=AWS AWS_SECRET_ACCESS_KEY=b", "AWS"),
            Variable(
                "COS_HMAC_ACCESS_KEY_ID=COS COS_HMAC_SECRET_ACCESS_KEY=b",
                "COS",
            ),
            File(".aws/credentials", PROFILE, "PROFILE"),
            File(".bluemix/cos_credentials", IBM, "DOCUMENT"),
            Variable("AWS_ACCESS_KEY=JAVA AWS_SECRET_KEY=b", "JAVA"),
            Variable("S3_ACCESS_KEY_ID=BUN S3_SECRET_ACCESS_KEY=b", "BUN"),
            Variable("S3_ACCESS_KEY=SHORT S3_SECRET_KEY=b", "SHORT"),
            Variable("MINIO_ACCESS_KEY=MINIO MINIO_SECRET_KEY=b", "MINIO"),
            Variable("MINIO_ROOT_USER=ROOT MINIO_ROOT_PASSWORD=b", "ROOT"),
            File(".s3cfg", S3CMD, "S3CMD"),
        ],
    );
    check_column(
        "access_key_id",
        "b-1 --region us-south",
        &[
            Option("--profile named", "NAMED"),
            File(".aws/credentials", NAMED, "COS"),
            Variable(
                "COS_HMAC_ACCESS_KEY_ID=COS COS_HMAC_SECRET_ACCESS_KEY=b",
                "COS",
            ),
            Variable("AWS_ACCESS_KEY_ID=AWS AWS_SECRET_ACCESS_KEY=b", "AWS"),
            File(".bluemix/cos_credentials", IBM, "DOCUMENT"),
            File(".aws/credentials", PROFILE, "PROFILE"),
        ],
    );
    check_column(
        "endpoint",
        "b-1",
        &[
            Option(
                "--endpoint https://option.example.com",
                "https://option.example.com",
            ),
            Variable(
                "AWS_ENDPOINT_URL_S3=https://s3.example.com",
                "https://s3.example.com",
            ),
            Variable(
                "AWS_ENDPOINT_URL=https://aws.example.com",
                "https://aws.example.com",
            ),
            Variable(
                "COS_ENDPOINT=https://cos.example.com",
                "https://cos.example.com",
            ),
            Variable(
                "IBMCLOUD_COS_ENDPOINT=https://ibm.example.com",
                "https://ibm.example.com",
            ),
            Variable(
                "S3_ENDPOINT_URL=https://url.example.com",
                "https://url.example.com",
            ),
            Variable(
                "S3_ENDPOINT=https://bare.example.com",
                "https://bare.example.com",
            ),
            File(
                ".aws/config",
                "[services s]\ns3 =\n  endpoint_url = https://services.example.com\n[default]\nservices = s\nendpoint_url = https://profile.example.com\n",
                "https://services.example.com",
            ),
            Variable("AWS_REGION=us-west-2", "https://s3.us-west-2.amazonaws.com"),
            Variable(
                "COS_BUCKET_LOCATION=us-south",
                "https://s3.us-south.cloud-object-storage.appdomain.cloud",
            ),
            Variable(
                "COS_REGION=eu-gb",
                "https://s3.eu-gb.cloud-object-storage.appdomain.cloud",
            ),
            Variable(
                "IBMCLOUD_REGION=eu-de",
                "https://s3.eu-de.cloud-object-storage.appdomain.cloud",
            ),
            Variable(
                "IC_REGION=jp-tok",
                "https://s3.jp-tok.cloud-object-storage.appdomain.cloud",
            ),
            File(".s3cfg", S3CMD, "https://s3cmd.example.com"),
        ],
    );
    check_column(
        "endpoint",
        "b-1",
        &[
            Option(
                "--region us-south",
                "https://s3.us-south.cloud-object-storage.appdomain.cloud",
            ),
            Variable(
                "AWS_ENDPOINT_URL_S3=https://s3.example.com",
                "https://s3.example.com",
            ),
        ],
    );
    check_column(
        "region",
        "b-1",
        &[
            Option("--region option-1", "option-1"),
            Variable("AWS_REGION=variable-1", "variable-1"),
            Variable("AWS_DEFAULT_REGION=variable-2", "variable-2"),
            Variable("S3_REGION=variable-3", "variable-3"),
            Variable(
                "AWS_ENDPOINT_URL=https://s3.eu-de.cloud-object-storage.appdomain.cloud",
                "eu-de",
            ),
            File(
                ".aws/config",
                "[default]\nregion = us-west-2\n",
                "us-west-2",
            ),
        ],
    );
    check_column(
        "region",
        "b-1",
        &[
            Option(
                "--endpoint https://s3.eu-de.cloud-object-storage.appdomain.cloud",
                "eu-de",
            ),
            Variable("AWS_REGION=us-west-1", "us-west-1"),
            File(
                ".aws/config",
                "[default]\nregion = us-west-2\n",
                "us-west-2",
            ),
        ],
    );
    check_column(
        "profile",
        "",
        &[
            Option("--profile one", "one"),
            Variable("AWS_PROFILE=two", "two"),
            Variable("AWS_DEFAULT_PROFILE=three", "three"),
            File(
                ".aws/config",
                "[profile one]\noutput = json\n[profile two]\noutput = json\n[profile three]\noutput = json\n[default]\noutput = json\n",
                "default",
            ),
        ],
    );
}
