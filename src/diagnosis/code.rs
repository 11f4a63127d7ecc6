//! The causes that findings name: one entry of the table for each, with what `explain` prints.
//! The enum, the names and the texts come from this one table, so a new cause is one new entry.

use std::fmt;

/// The texts of one code.
#[derive(Debug, PartialEq, Eq)]
pub struct Explanation {
    /// `wrong-region`
    pub code: &'static str,
    /// One line, lower case, no period: what it means.
    pub summary: &'static str,
    /// What was signed against what was requested, and the response of the stores.
    pub cause: &'static str,
    /// How it happens in practice.
    pub practice: &'static str,
    /// What to do, with a command in backticks where there is one.
    pub fix: &'static str,
}

/// The texts of `code`, if there is such a code.
pub fn explanation(code: &str) -> Option<&'static Explanation> {
    CODES
        .binary_search_by(|known| known.code.cmp(code))
        .ok()
        .map(|at| &CODES[at])
}

impl Code {
    /// The stable name: `wrong-region`.
    pub fn as_str(self) -> &'static str {
        CODES[self as usize].code
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal {
        summary: $summary:literal,
        cause: $cause:literal,
        practice: $practice:literal,
        fix: $fix:literal,
    })+) => {
        /// The cause that a finding names. Its name is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "each has its texts in the table")]
        pub enum Code {
            $($variant,)+
        }

        /// The texts of every code, in the order of their names.
        pub static CODES: &[Explanation] = &[$(Explanation {
            code: $name,
            summary: $summary,
            cause: $cause,
            practice: $practice,
            fix: $fix,
        },)+];
    };
}

codes! {
    AccelerationOff "acceleration-off" {
        summary: "Transfer Acceleration is not switched on for the bucket",
        cause: "The host is `s3-accelerate.amazonaws.com`, which serves only buckets that have \
            acceleration configured, and none with a dot in their name. The response is 400 \
            InvalidRequest, whatever the signature is.",
        practice: "A setting of the SDK such as `useAccelerateEndpoint` is on for every bucket; \
            the bucket was created again without it.",
        fix: "Sign for the regional host: `cos-presign get BUCKET/KEY --region REGION`. Or switch \
            acceleration on: `aws s3api put-bucket-accelerate-configuration --bucket BUCKET \
            --accelerate-configuration Status=Enabled`.",
    }
    AccessDenied "access-denied" {
        summary: "the signature was accepted, but the operation is not allowed",
        cause: "Most stores check the signature first and permissions afterwards, so a bare \
            AccessDenied means that the link itself is right. The key that signed lacks the \
            permission, or the object is missing and the key may not list the bucket: then AWS \
            says 403 instead of 404. Garage, and Ceph with STS switched on, use this code for a \
            wrong signature as well.",
        practice: "Typical: a role with Reader permissions signs an upload; a policy names the \
            bucket but not `BUCKET/*`; the object is encrypted with a KMS key the signer may not \
            use; a bucket firewall or context-based restriction on IBM Cloud, or a VPC rule on \
            AWS, lets only some addresses in. A typing mistake in the key looks the same.",
        fix: "Check that the key exists: `curl \"$(cos-presign list BUCKET/PREFIX --region \
            REGION)\"`. Then give the signer the permission. The link itself can stay: it works as \
            soon as its signer has the permission.",
    }
    AccountLimit "account-limit" {
        summary: "the account or the bucket has reached a limit, or is suspended",
        cause: "A quota, a spending cap, a debt or a suspension stops the request. The codes are \
            QuotaExceeded, AccountProblem, AllAccessDisabled, XMinioStorageFull, UserDisable or \
            InDebt; Backblaze B2 uses AccessDenied with `cap exceeded`.",
        practice: "The daily cap of a free plan is used up; a bill was not paid; a disk of a \
            MinIO server is full.",
        fix: "Raise the limit in the store's console, or free space. The URL can stay: \
            `cos-presign verify 'URL'` shows when it works again.",
    }
    AzureSas "azure-sas" {
        summary: "a shared access signature of Azure Blob Storage, not an S3 link",
        cause: "The URL carries `sv`, `sp`, `se` and `sig`: that is Azure's own scheme, with \
            other rules and another key. It cannot be checked with S3 credentials, and an S3 \
            store does not know it.",
        practice: "Links from `az storage blob generate-sas`, the Azure portal or Storage \
            Explorer, often in a list next to real S3 links.",
        fix: "Check its expiry (`se`), its permissions (`sp`) and its address range (`sip`), and \
            make it again with Azure's tools if one of them is wrong.",
    }
    BodyIncomplete "body-incomplete" {
        summary: "fewer bytes of the body arrived than were announced",
        cause: "The store waits for as many bytes as Content-Length says and gives up: 400 \
            IncompleteBody, or RequestTimeout with `Your socket connection to the server was not \
            read from or written to`.",
        practice: "A client computes the length in characters and not in bytes; a stream was read \
            before and is empty when the request is repeated; a proxy cuts the body off; a \
            connection is too slow.",
        fix: "Send the file from the disk, with its own length: `curl --upload-file FILE 'URL'`. \
            In code, rewind the stream before each attempt.",
    }
    BodySentAsForm "body-sent-as-form" {
        summary: "the body was sent as an HTML form, and the store took it for parameters",
        cause: "With the content type `application/x-www-form-urlencoded` some stores add the \
            body to the query, which is signed, so that the response is SignatureDoesNotMatch. \
            The body of a multipart upload's completion is XML.",
        practice: "`curl --data` and several HTTP libraries set this type unless configured \
            otherwise.",
        fix: "Send the right type: `curl --request POST --header 'Content-Type: application/xml' \
            --data-binary @parts.xml 'URL'`.",
    }
    ChecksumNotEnforced "checksum-not-enforced" {
        summary: "the checksum stands in the query, where the store does not look at it",
        cause: "An `x-amz-checksum-...` parameter is part of the signed URL, but Amazon S3 \
            compares a checksum only if it comes as a header. Any body is accepted, though the \
            link looks as if only one were.",
        practice: "Some SDKs move headers into the query when they presign an upload (the Go and \
            JavaScript SDKs of AWS have done so), so that the uploader has less to send. It is \
            noticed only when a wrong file is in the bucket.",
        fix: "Sign the checksum as a header: `cos-presign put BUCKET/KEY --region REGION \
            --checksum-sha256 BASE64 --output curl`. The client then has to send that header.",
    }
    ChecksumOfEmptyBody "checksum-of-empty-body" {
        summary: "the upload link was signed with the checksum of an empty body",
        cause: "When the link was made there was no body yet, so the signer took the checksum of \
            nothing (`AAAAAA==` for CRC-32) and put it into the URL. A store that compares it \
            responds with BadDigest or InvalidDigest to every real file; some stores stumble over \
            the parameter itself.",
        practice: "AWS SDKs since early 2025 add a checksum to uploads unless configured \
            otherwise, and some versions do it for presigned URLs too. Code that had worked for \
            years then fails after an update, on Garage, R2 or SeaweedFS first.",
        fix: "Set `AWS_REQUEST_CHECKSUM_CALCULATION=when_required` (in code: \
            `requestChecksumCalculation: \"WHEN_REQUIRED\"`) where the link is made, or make it \
            with `cos-presign put BUCKET/KEY --region REGION`, which adds no checksum unless \
            asked.",
    }
    ChecksumRequired "checksum-required" {
        summary: "the store requires Content-MD5 or a checksum for this upload",
        cause: "Uploads to a bucket with Object Lock, and uploads that set a retention or a legal \
            hold, need a Content-MD5 or an `x-amz-checksum-...` header. The response is 400 \
            InvalidRequest or MissingContentMD5.",
        practice: "Object Lock was switched on for the bucket, and the links for it are made as \
            before.",
        fix: "Sign the checksum of the file: `cos-presign put BUCKET/KEY --region REGION \
            --checksum-sha256 BASE64 --output curl`. The client has to send that header.",
    }
    ChunkedBody "chunked-body" {
        summary: "the upload was sent in chunks, without a length",
        cause: "The store needs the length of the body in advance. A request with \
            `Transfer-Encoding: chunked` is refused with 501 NotImplemented that names this \
            header, or with 411 MissingContentLength. The signature has nothing to do with it.",
        practice: "`curl -T -` and everything that uploads from a pipe; streams in Node, Java or \
            Python whose length is not known; `fetch` with a stream as its body; now and then a \
            file of zero bytes, or a proxy that passes the body on in chunks.",
        fix: "Send a file with a known length: `curl -T FILE 'URL'`. In code, set Content-Length, \
            or read the stream into a file first.",
    }
    ClockSkew "clock-skew" {
        summary: "the clocks of signer and store differ",
        cause: "The time of signing is in the URL, and the store compares it with its own clock. \
            If the signer's clock is ahead, the link is not valid yet; if it is behind, part of \
            its validity, or all of it, has passed before it is used. Stores respond with \
            RequestTimeTooSkewed, `Request is not yet valid` or `Request has expired`.",
        practice: "A virtual machine that was suspended, a container host or WSL after the laptop \
            slept, a Raspberry Pi without a battery for its clock, a private store whose clock was \
            never set. Links that are valid for seconds only show it first.",
        fix: "Set the clock: `timedatectl set-ntp true`, or `chronyc makestep`. Where the other \
            clock is not yours, sign for a little earlier: `cos-presign get BUCKET/KEY --region \
            REGION --backdate 5m`.",
    }
    CloudfrontSignature "cloudfront-signature" {
        summary: "a signed URL of Amazon CloudFront, not an S3 link",
        cause: "The parameters are `Key-Pair-Id`, `Signature` and `Expires` (a canned policy) or \
            `Policy` (a custom one). CloudFront checks them with a public key; a bucket's own \
            host does not know them. Cookies of the same names do the same.",
        practice: "Links of a site behind CloudFront, or such a link whose host was replaced by \
            the bucket's.",
        fix: "Use the distribution's host, and make a new link with the private key of its key \
            group: `aws cloudfront sign`. For the bucket itself: `cos-presign get BUCKET/KEY \
            --region REGION`.",
    }
    ConsolePort "console-port" {
        summary: "the URL leads to the port of the store's console, not to its API",
        cause: "MinIO serves its web console and its API on two ports. The console responds with \
            its page, or with 400 InvalidArgument `S3 API Requests must be made to API port`.",
        practice: "The endpoint was copied from the address bar of the console (9001, or whatever \
            `--console-address` says); a proxy sends `/` to the wrong port.",
        fix: "Sign for the port of the API, 9000 by default: `cos-presign get BUCKET/KEY \
            --endpoint http://HOST:9000 --region us-east-1`.",
    }
    CorsRefused "cors-refused" {
        summary: "the browser hides the response because the bucket has no CORS rule for the page",
        cause: "CORS is decided by the browser, from headers that the store sends or does not \
            send. The signature can be right; but refusals often come without CORS headers, so \
            that any 403 behind it is shown as a CORS error too.",
        practice: "A page uploads with `fetch` or XMLHttpRequest and the console says `No \
            'Access-Control-Allow-Origin' header`. Either the bucket has no rule for this origin, \
            method and header, or the link is refused for another reason, such as a content type \
            that was not signed. The same link works in curl, which knows no CORS.",
        fix: "See what the store really says: `curl -i -H 'Origin: https://app.example' 'URL'`. If \
            it says 200, add the origin, the method and the headers to the CORS rules of the \
            bucket; if it refuses, ask `cos-presign diagnose 'URL' --response response.txt`.",
    }
    CredentialNotEncoded "credential-not-encoded" {
        summary: "the access key id has characters that were put into the URL unencoded",
        cause: "`X-Amz-Credential` holds a raw `+`, `(`, `!` or similar. The signer hashed it in \
            one form, and the store reads the query in another: a raw `+` may be read as a space. \
            The response is SignatureDoesNotMatch or InvalidAccessKeyId.",
        practice: "Stores that let people choose their access key ids (MinIO, NooBaa, Ceph), and \
            signers that join the query together as text. Keys of AWS and IBM have letters and \
            digits only, so that tests there never show it.",
        fix: "Encode the value as it is signed (`+` as `%2B`, `/` as `%2F`): `cos-presign get \
            BUCKET/KEY --endpoint https://HOST --region REGION` does. Or use an access key id of \
            letters and digits.",
    }
    DateMalformed "date-malformed" {
        summary: "`X-Amz-Date` is not of the form YYYYMMDDTHHMMSSZ",
        cause: "The time of signing has to look like `20260131T120000Z`: UTC, without dashes, \
            colons or fractions. Stores respond with AuthorizationQueryParametersError, \
            InvalidRequest or a plain AccessDenied.",
        practice: "Signers written by hand that use the ISO format of their language: \
            `toISOString()` in JavaScript gives `2026-01-31T12:00:00.000Z`, `isoformat()` in \
            Python gives an offset. Or the Unix time of a SigV2 link was put there.",
        fix: "Mend the signer: in Python `strftime('%Y%m%dT%H%M%SZ')` of a time in UTC. The link \
            has to be signed again, since the date is part of what is hashed.",
    }
    DigestMalformed "digest-malformed" {
        summary: "a digest or checksum has the wrong form",
        cause: "Content-MD5 has to be the base64 of the 16 bytes of the MD5, and \
            `x-amz-checksum-...` the base64 of its own length. The response is 400 InvalidDigest \
            or InvalidRequest, before any body is compared.",
        practice: "The digest was written in hexadecimal, as `md5sum` prints it; or the base64 of \
            the hexadecimal digits was taken.",
        fix: "Take the base64 of the bytes: `openssl md5 -binary FILE | base64`. Then sign again: \
            `cos-presign put BUCKET/KEY --region REGION -H 'content-md5: BASE64'`.",
    }
    DispositionNotLatin1 "disposition-not-latin1" {
        summary: "the file name in `response-content-disposition` cannot be sent as a header",
        cause: "The store is asked to respond with a `Content-Disposition` that has characters \
            outside ISO-8859-1. Amazon S3 responds with 400 InvalidArgument, after it has accepted \
            the signature; MinIO sends it as it is.",
        practice: "File names with Greek, Cyrillic, Chinese or emoji, written straight into \
            `filename=\"...\"`. Names from macOS can do it too: an accent stands there as a \
            character of its own. It works in a test with `report.pdf` and fails with the first \
            real name.",
        fix: "Use a plain `filename=` together with `filename*=UTF-8''...`: `cos-presign get \
            BUCKET/KEY --region REGION --download-as 'NAME'` writes both.",
    }
    EncryptionNotEnforced "encryption-not-enforced" {
        summary: "the encryption is requested in the query, where the store does not look",
        cause: "`x-amz-server-side-encryption` counts only as a header. In the query it is signed \
            and ignored, so that the object is stored unencrypted, or a bucket policy that \
            demands encryption denies the upload.",
        practice: "Some SDKs move such headers into the query when they presign.",
        fix: "Sign it as a header: `cos-presign put BUCKET/KEY --region REGION --sse aws:kms \
            --output curl`. The client has to send it.",
    }
    EntityTooLarge "entity-too-large" {
        summary: "the body is larger or smaller than the store accepts",
        cause: "The store responds with EntityTooLarge or EntityTooSmall. One upload may have 5 GB \
            on most stores, a part of a multipart upload other than the last at least 5 MiB, and a \
            form upload what its policy says in `content-length-range`. The signature of a PUT \
            sets no limit.",
        practice: "A backup grows past 5 GB one night. Or parts of 1 MB are used, which are all \
            accepted, and only completing the upload fails. If the response is an HTML page with \
            status 413, it was a proxy: nginx stops at 1 MB unless `client_max_body_size` says \
            more.",
        fix: "Upload large files in parts: `cos-presign request POST BUCKET/KEY -Q uploads \
            --region REGION`, then for each part `cos-presign request PUT BUCKET/KEY -Q \
            partNumber=1 -Q uploadId=ID --region REGION`. For a form, make a policy with another \
            range.",
    }
    Expired "expired" {
        summary: "the link has expired",
        cause: "The time of signing plus `X-Amz-Expires` is over. AWS and MinIO respond with 403 \
            AccessDenied with `Request has expired`, R2 ExpiredRequest, Garage 400 InvalidRequest, \
            Ceph AccessDenied without a word. The moment that counts is the one at which the \
            request starts: a running download is not cut off.",
        practice: "A link in a mail that is read after the weekend; a page or a cache that keeps \
            links after they have expired; a download tool that resumes with the old link; a job \
            that signs its list in the morning and reaches the end of it at night.",
        fix: "Make a new one, long enough for its reader: `cos-presign get BUCKET/KEY --region \
            REGION --expires 24h`. To notice in time: `cos-presign inspect 'URL' --expires-within \
            1h` exits with 1 if less is left.",
    }
    ExpiryMalformed "expiry-malformed" {
        summary: "`X-Amz-Expires` is not a positive whole number, or stands there twice",
        cause: "The expiry has to be given in seconds, once, and at least 1. Zero, negative \
            numbers, fractions and text are refused with AuthorizationQueryParametersError, \
            InvalidRequest, or AccessDenied as if the link had expired.",
        practice: "A signer got a point in time instead of a duration and subtracted the wrong \
            way round; milliseconds became a fraction; a setting such as `1h` was passed on as it \
            is. Most SDKs sign such values without complaint.",
        fix: "Sign again with a duration: `cos-presign get BUCKET/KEY --region REGION --expires \
            3600`. It takes `90m`, `24h` and `7d` too, and `--until` for a point in time.",
    }
    ExpiryOverLimit "expiry-over-limit" {
        summary: "the expiry is longer than the store allows",
        cause: "Most stores accept `X-Amz-Expires` up to 604800 seconds (7 days) and refuse the \
            link from its first second otherwise: AWS with 400 AuthorizationQueryParametersError, \
            Garage with 400 InvalidRequest, Ceph with 403 AccessDenied. IBM COS documents no \
            limit, Tigris allows 90 days.",
        practice: "A link for a month is requested, and the signing library does not count: boto3 \
            signs any number. Or a link for IBM COS, where it works, was moved to another store. \
            Milliseconds in place of seconds give such numbers as well.",
        fix: "Sign for at most seven days: `cos-presign get BUCKET/KEY --region REGION --expires \
            7d`. For more, make new links in time, or let a small service hand out a fresh link \
            at each click.",
    }
    FormMalformed "form-malformed" {
        summary: "the POST form is not one that the store can read",
        cause: "A field such as `key` is missing or stands behind the file, there is no file or \
            more than one, the body is not multipart/form-data, or the policy is not base64 of \
            JSON. The signature is not looked at.",
        practice: "The file is not the last field; inputs have an `id` in place of a `name`; a \
            Content-Type header without its boundary was set by hand; the policy was pasted as \
            `b'...'`.",
        fix: "Compare the form offline: `cos-presign diagnose 'URL' --form FILE`. To make a form \
            and the command that sends it: `cos-presign post BUCKET/PREFIX --region REGION \
            --output curl`.",
    }
    GcsSignature "gcs-signature" {
        summary: "the URL is signed with Google Cloud Storage's own scheme",
        cause: "The parameters are `X-Goog-...` and the algorithm is GOOG4-RSA-SHA256 or \
            GOOG4-HMAC-SHA256. The RSA form is signed with the private key of a service account, \
            which no HMAC secret can reproduce. Other stores do not know either form.",
        practice: "Links from `gcloud storage sign-url`, `gsutil signurl` or Google's client \
            libraries, given to a program that expects S3 links.",
        fix: "Use it as it is on Google Cloud Storage. For a link in the S3 dialect, make an HMAC \
            key in the settings of the store and use it with `cos-presign get BUCKET/KEY \
            --provider gcs`.",
    }
    GlobalEndpoint "global-endpoint" {
        summary: "the link uses `s3.amazonaws.com` for a bucket of another region",
        cause: "`s3.amazonaws.com` belongs to us-east-1. For a bucket elsewhere it responds with \
            307 with the regional host, for which the link was not signed, so that the second \
            request ends in SignatureDoesNotMatch. For regions opened after March 2019 it responds \
            with 400 IllegalLocationConstraintException.",
        practice: "boto3 builds such links for regional buckets unless it is given the endpoint or \
            virtual addressing. A new bucket may work or not for its first hours, until the name \
            is known everywhere, which is why it looks random.",
        fix: "Sign for the regional host: `cos-presign get BUCKET/KEY --region eu-central-1`. In \
            boto3, set `endpoint_url='https://s3.eu-central-1.amazonaws.com'`, or \
            `addressing_style` to `virtual`.",
    }
    HeaderNotSigned "header-not-signed" {
        summary: "an `x-amz-...` header was sent that the link was not signed for",
        cause: "Everything that starts with `x-amz-` has to be listed in `X-Amz-SignedHeaders`; \
            otherwise the holder of the link could change permissions or encryption. AWS responds \
            with 403 AccessDenied with the names in HeadersNotSigned, Garage 400. Older Ceph \
            versions let it pass, newer ones do not.",
        practice: "The uploader adds `x-amz-acl`, `x-amz-meta-...`, \
            `x-amz-server-side-encryption` or the keys of SSE-C, because an example on the web \
            did. Or a library adds its checksum header to a plain upload. Headers that are not \
            `x-amz-...` do no harm.",
        fix: "Leave the header out, or sign it: `cos-presign put BUCKET/KEY --region REGION -H \
            'x-amz-meta-author: eve' --output curl`.",
    }
    HeaderNotSupported "header-not-supported" {
        summary: "the store does not support a header of the request",
        cause: "A header requests something that the store or the bucket does not have: ACLs where \
            they are switched off (AccessControlListNotSupported), tags, a storage class or an \
            encryption (NotImplemented, InvalidArgument, InvalidStorageClass, InvalidTag). The \
            signature is right.",
        practice: "`x-amz-acl: public-read` from an old example, for buckets that are made with \
            ACLs off since 2023; code written for AWS used with R2, B2 or Garage.",
        fix: "Make the link without that header: `cos-presign put BUCKET/KEY --region REGION`. A \
            new link with the same header is refused too.",
    }
    HeaderRewrittenByProxy "header-rewritten-by-proxy" {
        summary: "a signed header is changed before it reaches the store",
        cause: "The signature covers a header that software on the way feels free to change, such \
            as `accept-encoding`, `user-agent`, `connection` or `x-forwarded-for`. The client \
            sends what was signed, the store reads something else and responds with \
            SignatureDoesNotMatch.",
        practice: "Google's front end appends `gzip(gfe)` to `accept-encoding`; load balancers, \
            CDNs and virus scanners set their own values. Seen with Go and Java clients that sign \
            every header they send, and only behind some networks.",
        fix: "Sign only `host` and what the store needs (content type, `x-amz-...`), or stop the \
            proxy from touching the header. `cos-presign inspect 'URL'` lists what is signed.",
    }
    HtmlEscapedAmpersand "html-escaped-ampersand" {
        summary: "the URL has `&amp;` or `\\u0026` in place of `&`",
        cause: "The link was copied out of HTML, XML or JSON source without being decoded. From \
            the second parameter on the store sees names like `amp;X-Amz-Date`, and says that \
            parameters are missing.",
        practice: "View source, mail templates that escape twice, an RSS or XML file read with \
            grep, JSON written by Go (which escapes `&`) and cut with sed instead of jq, tickets \
            that show the markup.",
        fix: "`cos-presign inspect 'URL' --repair` prints the link with plain `&`. To prevent it, \
            read the value with a parser: `jq -r .url`.",
    }
    KeyChanged "key-changed" {
        summary: "the object key in the URL is not the one that was signed",
        cause: "The signature belongs to another object: the path was replaced or edited after \
            signing. Stores respond with SignatureDoesNotMatch. A link is for one key, and there \
            is no link for a folder.",
        practice: "A user takes a working link and changes the file name; a player or a web page \
            requests `index.m3u8` with the link and then for `part1.ts` with the same query; a \
            template puts the name in after signing; a file name is turned to lower case.",
        fix: "Make one link for each object: `cos-presign get BUCKET/a.ts BUCKET/b.ts --region \
            REGION` gives several at once.",
    }
    KmsNeedsSigv4 "kms-needs-sigv4" {
        summary: "the object is encrypted with KMS, and the link is signed with the old SigV2",
        cause: "Amazon S3 serves KMS-encrypted objects only for Signature Version 4, and responds \
            with 400 InvalidArgument that says so. Permission and secret may be right.",
        practice: "An old tool or SDK makes SigV2 links (they have `AWSAccessKeyId=` and \
            `Signature=`), and one day the bucket gets default encryption with a KMS key: old \
            objects still work, new ones do not.",
        fix: "Make the link with SigV4: `cos-presign get BUCKET/KEY --region REGION`. In boto3: \
            `Config(signature_version='s3v4')`.",
    }
    LocalTimeNotUtc "local-time-not-utc" {
        summary: "`X-Amz-Date` is local time, written as if it were UTC",
        cause: "The signer took the wall clock and put a `Z` behind it. East of Greenwich the \
            link lies in the future and is `not yet valid`; west of it the link is hours old at \
            birth, and a short one has already expired.",
        practice: "`datetime.now()` in Python, `time.Now().Format(...)` in Go without `.UTC()`, \
            `SimpleDateFormat` in Java without a time zone, `date +%Y%m%dT%H%M%SZ` in a shell \
            without `-u`. It works on a server that runs in UTC and fails on the developer's \
            laptop, or in summer only.",
        fix: "Take the time in UTC: `date -u +%Y%m%dT%H%M%SZ`, `datetime.now(timezone.utc)`. Then \
            sign again.",
    }
    MultipartMismatch "multipart-mismatch" {
        summary: "the multipart upload does not fit the request",
        cause: "The upload is completed, aborted or of another key (NoSuchUpload), a part or its \
            ETag is missing or out of order (InvalidPart, InvalidPartOrder), or parts were sent \
            with another checksum than the upload was created for. The signature is right.",
        practice: "A link for a part is used a day later, after a lifecycle rule has aborted the \
            upload; ETags were copied without their quotation marks; an SDK adds a checksum to \
            each part.",
        fix: "List what is there: `cos-presign request GET BUCKET/KEY -Q uploadId=ID --region \
            REGION`. Then send what is missing, or begin again with `cos-presign multipart \
            BUCKET/KEY --size SIZE --region REGION`.",
    }
    NeedsVersion4a "needs-version-4a" {
        summary: "a multi-Region access point accepts signatures of version 4A only",
        cause: "Its links are good in several regions, so they cannot be signed for one. They \
            carry `X-Amz-Region-Set`, and the signature is made with a key pair that follows from \
            the secret: AWS4-ECDSA-P256-SHA256.",
        practice: "An SDK without the CRT library, or a signer that was given the access point's \
            host as an endpoint.",
        fix: "Name the access point by its ARN: `cos-presign get \
            arn:aws:s3::ACCOUNT:accesspoint/ALIAS.mrap/KEY`.",
    }
    NoSuchBucket "no-such-bucket" {
        summary: "there is no bucket of this name at this store",
        cause: "The store read a bucket name from the host or the path and does not have it; it \
            responds with 404 NoSuchBucket. If the name it shows is the key's first part, or the \
            host's first label, the addressing style is the wrong one.",
        practice: "A typing mistake; the right bucket at the wrong endpoint (eu-de for us-south, \
            production for test); a MinIO or Ceph that knows no virtual hosts and takes the first \
            part of the key for the bucket; a bucket that was deleted.",
        fix: "See what the URL names with `cos-presign inspect 'URL'`. Then sign for the right \
            endpoint, or with `--addressing path`: `cos-presign get BUCKET/KEY --endpoint \
            https://HOST --region REGION --addressing path`.",
    }
    NoSuchKey "no-such-key" {
        summary: "the signature was accepted, but the object is not there",
        cause: "The store responds with 404 NoSuchKey: nothing has exactly this key. A presigned \
            URL can be made for any key, whether it exists or not. Without the permission to list, \
            AWS hides this behind AccessDenied.",
        practice: "A missing prefix, a key with a leading slash or the bucket's name in it once \
            more, upper and lower case, a space stored as `+`, an accent in another Unicode form, \
            an upload that has not finished, a lifecycle rule that has deleted the object.",
        fix: "Look up the real key: `curl \"$(cos-presign list BUCKET/PREFIX --region REGION)\"`. \
            Then copy it exactly into `cos-presign get --bucket BUCKET --key 'KEY' --region \
            REGION`.",
    }
    NotAStoreAnswer "not-a-store-answer" {
        summary: "something other than the store has responded",
        cause: "The response is a page of HTML or another text, not the XML of an S3 store, and \
            has no request id of one. The request did not get through, so that nothing can be said \
            of the signature.",
        practice: "The login page of a hotel or a company network, a proxy's error page (413, \
            502), a CDN or a firewall product in front of the store, the console's address \
            (`console.aws.amazon.com`, `cloud.ibm.com`) copied in place of the object's, a web \
            server that has the name now. Saved with `curl -o`, it lies there as a file of a few \
            kilobytes that will not open.",
        fix: "See what responds: `curl -si 'URL' | head -20`, and read the `server` and `via` \
            lines. Try from another network, or without the proxy: `curl --noproxy '*' -i 'URL'`.",
    }
    NotPresigned "not-presigned" {
        summary: "the URL carries no signature at all",
        cause: "It is the plain address of an object. A store serves it only if the object is \
            public, and otherwise says AccessDenied, or that it does not serve unknown people.",
        practice: "The `Object URL` copied from a console, a link of which everything from the \
            `?` on was lost, an SDK function that builds addresses (`getUrl`) mistaken for one \
            that signs.",
        fix: "Make a link from it: `cos-presign get 'URL'` takes such an address, with your \
            credentials in the environment or `--profile NAME`.",
    }
    NotYetValid "not-yet-valid" {
        summary: "the link starts in the future",
        cause: "`X-Amz-Date` is ahead of the store's clock. AWS and MinIO grant some minutes and \
            then say AccessDenied with `Request is not yet valid`; others say \
            RequestTimeTooSkewed; Ceph, Garage and Swift do not mind.",
        practice: "The signer's clock is ahead, local time was taken for UTC, or the link was \
            dated ahead on purpose (`--at`). Often seen from one machine only, just after it woke \
            up.",
        fix: "Set the signer's clock, or sign for a little earlier: `cos-presign get BUCKET/KEY \
            --region REGION --backdate 5m`. If it was on purpose, wait.",
    }
    ObjectArchived "object-archived" {
        summary: "the object is in an archive and has to be restored first",
        cause: "The store responds with 403 InvalidObjectState: the object is there and the link \
            is right, but its data lies in a storage class that cannot be read at once.",
        practice: "A lifecycle rule has moved old objects to Glacier or Deep Archive, or to the \
            archive of IBM COS. New links to old files fail, while those to new files work.",
        fix: "Restore it: `aws s3api restore-object --bucket BUCKET --key KEY --restore-request \
            Days=7` (with `--endpoint-url` for IBM COS). It takes from minutes to two days; then \
            the same link works, if it has not expired by then.",
    }
    Ok "ok" {
        summary: "the signature is right and the link is alive",
        cause: "The credentials at hand give the same signature for this URL, and the present \
            time lies between its start and its end. A store that holds the same secret accepts \
            it, as long as the request is sent as it was signed.",
        practice: "A right link can still be refused: for a permission the signer lacks, an \
            object that is not there, another method, a header too many or too few, or something \
            between client and store that changes the request.",
        fix: "Try it with `cos-presign verify 'URL'`. If the store refuses it, give its response \
            to `cos-presign diagnose 'URL' --response response.txt`, where `response.txt` is what \
            `curl -i` printed.",
    }
    OssSignature "oss-signature" {
        summary: "a signed URL of Alibaba Cloud OSS's own scheme, not an S3 link",
        cause: "The parameters are `OSSAccessKeyId`, `Expires` and `Signature` (version 1) or \
            `x-oss-signature-version`, `x-oss-credential` and `x-oss-signature` (version 4). \
            Other stores know neither.",
        practice: "Links of Alibaba's SDKs, `ossutil sign` or the console.",
        fix: "Use it on OSS as it is. For a link in the S3 dialect: `cos-presign get BUCKET/KEY \
            --provider alibaba --region REGION`.",
    }
    OtherSignature "other-signature" {
        summary: "a signed URL of another service, not an S3 link",
        cause: "The parameters or the host belong to a scheme that is not AWS Signature Version \
            4: a CDN's token (Akamai, Bunny, Cloudflare, imgix), a store's own (Huawei OBS, \
            Volcengine TOS, Qiniu, Backblaze B2, Supabase), or a site that redirects to a store \
            (GitHub, GitLab, Hugging Face).",
        practice: "Such a link stands in a list next to real S3 links, or the page's address was \
            copied in place of the link that it redirects to.",
        fix: "Follow a redirect by hand to see where it leads: `curl -sI 'URL'`. Otherwise make \
            the link again with the tools of that service.",
    }
    ParameterDoubled "parameter-doubled" {
        summary: "an `X-Amz-...` parameter stands in the URL twice",
        cause: "Which of the two counts is up to the store. Most refuse it, with \
            AuthorizationQueryParametersError, InvalidRequest or SignatureDoesNotMatch.",
        practice: "A link that was already signed is signed again; a query is appended to a URL \
            that has one; a page adds the parameters of its own address; two copies were pasted \
            into each other.",
        fix: "Sign the plain object, without any query of an earlier link: `cos-presign get \
            BUCKET/KEY --region REGION`.",
    }
    ParameterNameCase "parameter-name-case" {
        summary: "the names of the `X-Amz-...` parameters are not written in their letter case",
        cause: "Stores compare the names byte by byte: `x-amz-signature` is not \
            `X-Amz-Signature`, so the request counts as not signed, and the response is \
            AccessDenied.",
        practice: "A proxy, a framework or a cache key function turned the whole query to lower \
            case.",
        fix: "Leave the query as it was made. A new link: `cos-presign get BUCKET/KEY --region \
            REGION`.",
    }
    PathDotSegments "path-dot-segments" {
        summary: "the key has `.` or `..` parts, and something on the way has resolved them",
        cause: "The path was signed as it is, with `/./` or `/../` in it; browsers, curl and most \
            HTTP libraries tidy such paths before they send them, also in the form `%2e%2e`. The \
            store sees another key: SignatureDoesNotMatch or NoSuchKey. The reverse happens too: \
            the signer tidied the path, as other AWS services want it, and S3 does not.",
        practice: "Keys put together from relative file names (`out/../report.pdf`, `./a.txt`). A \
            signer made for other services cleans up paths by default.",
        fix: "`curl --path-as-is 'URL'` sends it unchanged; a browser cannot be stopped. Better: \
            store the object under a key without such parts. With `cos-presign request`, \
            `--path-mode raw` is right for S3.",
    }
    PathDoubleEncoded "path-double-encoded" {
        summary: "the path was percent-encoded twice",
        cause: "A space became `%20` and then `%2520`, either in the URL or only in what was \
            hashed. S3 encodes the path once; all other AWS services sign it encoded twice. Stores \
            respond with SignatureDoesNotMatch, or NoSuchKey if the signature covers the doubled \
            form.",
        practice: "The key was already encoded when it went into the SDK, because it came out of \
            another URL; a general SigV4 signer is used with its defaults for other services; a \
            framework encodes the path once more. Keys of plain letters work, so that it shows \
            late.",
        fix: "Give the key as it is stored: `cos-presign get --bucket BUCKET --key 'my \
            report.pdf' --region REGION`. In a general signer, switch off double encoding for S3.",
    }
    PathNotEncoded "path-not-encoded" {
        summary: "the path was signed unencoded, or encoded by other rules",
        cause: "Everything but letters, digits, `-`, `.`, `_`, `~` and `/` has to be \
            percent-encoded, with capital hex digits, before it is hashed. The signer hashed the \
            raw key, or left characters such as `(`, `)`, `!`, `'`, `*`, `=` or `@` as they are. \
            The store does it by the rules: SignatureDoesNotMatch, for these keys only.",
        practice: "`encodeURIComponent` and `encodeURI` in JavaScript leave `!'()*` alone; others \
            encode `~`, or write `%c3` for `%C3`. Copies like `report (1).pdf` are the classic \
            case.",
        fix: "Encode by the rules of SigV4; `cos-presign get --bucket BUCKET --key 'report \
            (1).pdf' --region REGION -v` prints the canonical request to compare with.",
    }
    PathSlashesChanged "path-slashes-changed" {
        summary: "slashes of the path were merged, dropped, added or encoded",
        cause: "To S3, `a//b`, `/a` and `a/` are keys of their own. One side signed them as they \
            are, the other side folded or stripped a slash, or wrote `/` as `%2F`. Stores respond \
            with SignatureDoesNotMatch or NoSuchKey.",
        practice: "nginx merges slashes unless `merge_slashes off` is set; some HTTP libraries \
            drop a leading double slash; a prefix that ends in `/` is joined to a name that \
            starts with one; `encodeURIComponent(key)` encodes the slashes of a whole key; Garage \
            drops leading slashes itself.",
        fix: "Look at the key with `cos-presign inspect 'URL'`. Sign exactly the key that is \
            stored: `cos-presign get --bucket BUCKET --key 'a//b' --region REGION`, and stop the \
            proxy from cleaning up paths.",
    }
    PayloadHashMismatch "payload-hash-mismatch" {
        summary: "the hash of the body that was signed is not the one of the body that was sent",
        cause: "The last line of the canonical request is `UNSIGNED-PAYLOAD` for a normal link, \
            or the SHA-256 of a body. Signer and store used different ones, or the body is \
            another: XAmzContentSHA256Mismatch where the store compares the body, otherwise \
            SignatureDoesNotMatch.",
        practice: "A signer for other services takes the hash of the empty body by default; a \
            client adds an `x-amz-content-sha256` header to the upload; the file changed between \
            signing and sending, or line ends were converted on the way.",
        fix: "Sign with `UNSIGNED-PAYLOAD`, which `cos-presign put BUCKET/KEY --region REGION` \
            does, and send no `x-amz-content-sha256` that was not signed. To tie the link to one \
            body, use `--checksum-sha256 BASE64`.",
    }
    PercentEncodedTwice "percent-encoded-twice" {
        summary: "the URL was percent-encoded again after it was made",
        cause: "The `%2F` of the credential has become `%252F`, and so on for all of the query. \
            The store reads the credential as one piece and says that it is malformed, or \
            InvalidToken if the token is hit.",
        practice: "A link put into another link (`?url=...`) and not decoded on the other side, a \
            mobile app or an HTTP library that encodes what it is given (`encodeURI`, \
            `URI.escape`), a redirect service, a mail gateway that checks links.",
        fix: "`cos-presign inspect 'URL' --repair` prints the link decoded once. In code, use it \
            as it is, without encoding it again.",
    }
    PlusForSpace "plus-for-space" {
        summary: "a space was written as `+`",
        cause: "In SigV4 a space is `%20`, in the path and in the query. A `+` in a path is a plus \
            sign, and in a query it means a space to one side and a plus to the other. Stores \
            respond with SignatureDoesNotMatch, or NoSuchKey.",
        practice: "`URLEncoder` in Java, `quote_plus` and `urlencode` in Python, \
            `URLSearchParams` in JavaScript, `http_build_query` and `urlencode` in PHP all write \
            `+`. Often it is only the file name in `response-content-disposition` that has a \
            space.",
        fix: "Use the other function (`quote`, `rawurlencode`, `encodeURIComponent`), or replace \
            `+` by `%20` before signing. Do not change the finished link, unless `cos-presign \
            inspect 'URL' --repair` finds that it was changed after signing.",
    }
    PolicyConditionFailed "policy-condition-failed" {
        summary: "the form upload breaks a condition of its policy",
        cause: "A POST form carries a signed policy, and every field has to fit it; a field that \
            the policy does not mention is refused as well. AWS responds with 403 AccessDenied \
            `Invalid according to Policy` and names the condition, s3s InvalidPolicyDocument, \
            Garage 400 InvalidRequest. A file outside of `content-length-range` gives \
            EntityTooLarge or EntityTooSmall.",
        practice: "`acl` or `Content-Type` is in the policy and not in the form, or the other way \
            round; the key starts with `/` and the policy's prefix does not; the file is not the \
            last field; the policy has expired; in Python it was pasted as `b'...'`.",
        fix: "Compare the fields with the policy: `printf %s \"$POLICY\" | base64 -d`. Each field \
            except `file`, `policy`, `x-amz-signature` and `x-ignore-...` needs a condition. \
            `file` comes last.",
    }
    PortInHost "port-in-host" {
        summary: "the port of the host is there on one side only",
        cause: "The `host` header was signed with a port and arrives without it, or the other way \
            round. The default ports (443 for https, 80 for http) are omitted, all others are part \
            of the name. The store responds with SignatureDoesNotMatch.",
        practice: "nginx with `proxy_set_header Host $host`, which drops the port (`$http_host` \
            keeps it); a MinIO on 9000 published by Docker under another port; a signer that \
            always adds `:443`.",
        fix: "Sign for what the client uses: `cos-presign get BUCKET/KEY --endpoint \
            http://minio:9000 --public-endpoint https://files.example.com --region us-east-1`; \
            and let the proxy pass the host on: `proxy_set_header Host $http_host;`.",
    }
    PreconditionFailed "precondition-failed" {
        summary: "a condition of the request was not met",
        cause: "The store responds with 412 PreconditionFailed: an `If-Match` or `If-None-Match` \
            header did not fit the object as it is now. The signature was accepted.",
        practice: "An upload with `If-None-Match: *` for a key that exists: this is how a link is \
            kept from overwriting, so it may be just what was wanted. Or a download that resumes \
            with `If-Match` after the object was replaced.",
        fix: "Look at the object's ETag: `curl --head \"$(cos-presign head BUCKET/KEY --region \
            REGION)\"`. Then remove the header, or use another key.",
    }
    PresignedNotTaken "presigned-not-taken" {
        summary: "the store or a gateway before it accepts no presigned URLs",
        cause: "It wants the signature in an Authorization header, and refuses one in the query: \
            CredentialsNotSupported, or NotImplemented.",
        practice: "A proxy or gateway that speaks a part of the S3 protocol.",
        fix: "Use the store behind it: `cos-presign get BUCKET/KEY --endpoint https://HOST \
            --region REGION`. Otherwise let a client with credentials make the request.",
    }
    PrivateEndpoint "private-endpoint" {
        summary: "the host can be reached only from inside IBM Cloud",
        cause: "`s3.private.` hosts are for IBM's classic network and `s3.direct.` hosts for its \
            VPCs. From elsewhere the connection is not made, and nothing is refused because \
            nothing responds. Exchanging the host by hand breaks the signature.",
        practice: "A service in Code Engine, Kubernetes or a VPC signs with the endpoint it uses \
            itself, and the link goes to a browser outside. In tests inside the cluster it works.",
        fix: "Sign for the public host: `cos-presign get BUCKET/KEY --region us-south`. If the \
            service needs its own endpoint, keep that and add `--public-endpoint \
            https://s3.us-south.cloud-object-storage.appdomain.cloud`.",
    }
    ProxyRewroteHost "proxy-rewrote-host" {
        summary: "the link is intact, but the store saw another host or path",
        cause: "Signature and URL fit together. On the way a reverse proxy, ingress or CDN put \
            another name into the `Host` header, or added or stripped a part of the path; the \
            store hashes what arrives and responds with SignatureDoesNotMatch.",
        practice: "nginx passes on the name of its upstream unless configured otherwise; an \
            ingress rule rewrites `/s3/bucket` to `/bucket`; Traefik strips a prefix; CloudFront \
            sends the origin's name; MinIO or Ceph stands behind one of these.",
        fix: "Pass on the name that the client used (nginx: `proxy_set_header Host $http_host;`) \
            and leave the path alone. To test a guess: `cos-presign diagnose 'URL' --host \
            minio:9000`.",
    }
    QueryNotEncoded "query-not-encoded" {
        summary: "the query was signed by other rules of encoding than SigV4's",
        cause: "SigV4 percent-encodes every byte of a name or value but letters, digits and \
            `-._~`, in upper case, and writes `name=` for a parameter without a value. The signer \
            left characters as they were, encoded more, used lower-case digits or omitted the `=`. \
            Stores respond with SignatureDoesNotMatch.",
        practice: "Hand-written signers that use the encoder of their language: JavaScript's \
            `encodeURIComponent` leaves `!'()*`, older Python encodes `~`, some frameworks write \
            `%2f`. It shows only with values that contain such a character, often in a \
            response-content-disposition.",
        fix: "Encode by RFC 3986, in upper case, before sorting and signing; `cos-presign get \
            BUCKET/KEY -v` shows the canonical query string as it has to be.",
    }
    QueryOrder "query-order" {
        summary: "the signer did not sort the parameters as the rules say",
        cause: "The canonical query is sorted by the encoded names, byte by byte. The signer \
            hashed the parameters unsorted, or sorted them before encoding, or without regard to \
            case. Stores sort for themselves, so the order in the URL does not matter; what was \
            hashed does.",
        practice: "Signers written by hand, where `response-content-type` is appended at the end, \
            or `partNumber` and `uploadId` come before `X-Amz-...` because the language ignores \
            case. It works until a parameter comes in that needs another place.",
        fix: "Sort after encoding, capitals before small letters. To compare, look at the \
            canonical query of `cos-presign get BUCKET/KEY --region REGION -v`.",
    }
    QueryParameterAdded "query-parameter-added" {
        summary: "a parameter was added after signing",
        cause: "Every parameter of the query is signed, also those that the store does not know. \
            One more, and the response is SignatureDoesNotMatch.",
        practice: "Mail and campaign tools (`utm_source`), social networks (`fbclid`), a time \
            stamp against caching (`_=1700000000`, `timestamp=`), `x-id` from an SDK, `versionId` \
            or `response-content-disposition` typed in by hand.",
        fix: "Cut it off, and set the tool to leave the link alone. If the store is to see it, \
            sign it: `cos-presign get BUCKET/KEY --region REGION -Q NAME=VALUE`, `--version-id \
            ID`, `--download-as NAME`.",
    }
    QueryParameterChanged "query-parameter-changed" {
        summary: "the value of a parameter was changed after signing",
        cause: "The URL has the parameters that were signed, but one of them has another value, \
            such as a longer `X-Amz-Expires` or another file name in \
            `response-content-disposition`. The response is SignatureDoesNotMatch.",
        practice: "A user tries to extend a link by hand, which signatures are there to prevent; \
            an HTTP library decodes and encodes values again (`%2B` becomes `+`, `%40` becomes \
            `@`); in a Windows `.bat` file `%2F` is taken for an argument of the script.",
        fix: "Sign again with the value that is wanted: `cos-presign get BUCKET/KEY --region \
            REGION --expires 7d`. In a `.bat` file write every `%` as `%%`.",
    }
    QueryParameterRemoved "query-parameter-removed" {
        summary: "a parameter that was signed is gone",
        cause: "The hash contains a parameter that the URL does not have any more. The store \
            responds with SignatureDoesNotMatch; or it does the wrong thing if the parameter was a \
            subresource, such as `uploads` or `versionId`.",
        practice: "A CDN passes on only the parameters on its list; a proxy or a framework drops \
            parameters with an empty value, such as `uploads=`; privacy tools in browsers remove \
            what looks like tracking; a user shortened the link up to where it still looked right.",
        fix: "Pass the whole query on unchanged. If the parameter is not wanted, sign without it: \
            `cos-presign get BUCKET/KEY --region REGION`.",
    }
    Redirected "redirected" {
        summary: "the store says that the bucket is somewhere else",
        cause: "The response is 301 PermanentRedirect or 307 TemporaryRedirect with the right \
            endpoint in it. Following it does not help: the host is signed, so that the same query \
            at another host is SignatureDoesNotMatch.",
        practice: "The endpoint of one region for a bucket of another; `s3.amazonaws.com` for a \
            bucket elsewhere; a bucket that was deleted and made again in another region. `curl \
            -L` and browsers follow it, and show the second error instead of the first.",
        fix: "Sign for the endpoint that the response names: `cos-presign get BUCKET/KEY --region \
            REGION`. To see it, `curl -i 'URL'` without `-L`.",
    }
    RefusedByStore "refused-by-store" {
        summary: "the store refused the request for a reason of its own",
        cause: "The code is none of those that concern signature, time, place or permission. The \
            store's own sentence says what it is about.",
        practice: "A limit of a request, a feature that the store lacks, or a code that only this \
            store has.",
        fix: "Read the store's sentence in the report. `cos-presign verify 'URL'` shows whether \
            it still refuses.",
    }
    ScopeDateMismatch "scope-date-mismatch" {
        summary: "the date in the credential is not the day of `X-Amz-Date`",
        cause: "The scope holds the day, and the signing key is derived from it; it has to be the \
            UTC day of the time of signing. AWS and Swift respond with \
            AuthorizationQueryParametersError, Garage AuthorizationHeaderMalformed, s3s \
            SignatureDoesNotMatch; Ceph does not look.",
        practice: "The signing key or the scope was cached over midnight, or the clock was read \
            twice around midnight, or the day was taken in local time and the time in UTC. So it \
            fails around midnight, or for some hours every night.",
        fix: "Take the time once, in UTC, and make both from it; a cached signing key is good for \
            one UTC day. Then sign again.",
    }
    ScopeMalformed "scope-malformed" {
        summary: "`X-Amz-Credential` does not have its five parts",
        cause: "It has to be `ID/DATE/REGION/SERVICE/aws4_request`, such as \
            `AKIA.../20260131/us-south/s3/aws4_request`. Stores respond with \
            AuthorizationQueryParametersError or InvalidRequest.",
        practice: "The region is empty because a setting was not set, so that two slashes follow \
            each other; only the access key id was put there; the slashes were encoded twice; the \
            id itself has a slash in it.",
        fix: "Give the region: `cos-presign get BUCKET/KEY --region REGION`. Where the store has \
            none, `us-east-1` will usually do. If the slashes are encoded twice, `cos-presign \
            inspect 'URL' --repair` mends it.",
    }
    SecretEncoding "secret-encoding" {
        summary: "the link was signed with a mangled form of the secret",
        cause: "The right secret was decoded, encoded, unquoted or escaped before it was used: `+` \
            became a space, `%2B` became `+`, a `/` or a `\\` went missing, `$` was expanded, \
            base64 was taken off. The id is right, and the store responds with \
            SignatureDoesNotMatch.",
        practice: "Secrets in connection URLs (`s3://ID:SECRET@...`), which get percent-decoded; \
            a `$` in an `.env` file or in double quotes; a Kubernetes Secret decoded once too \
            often or not at all; a shell that ate a backslash. Only some keys have such \
            characters, so rotating the key may seem to cure it.",
        fix: "Store the secret again exactly as it was issued, and check its length (`printf %s \
            \"$AWS_SECRET_ACCESS_KEY\" | wc -c`: 40 for AWS, 48 for IBM COS). Or keep it in a \
            file: `--access-key-id ID --secret-file FILE`.",
    }
    SecretWhitespace "secret-whitespace" {
        summary: "the secret was used with a line break, a space or quotes around it",
        cause: "The link was signed with the right secret and something more: a newline, a \
            carriage return, a blank, a byte order mark or quotation marks. The id is right, and \
            the store responds with SignatureDoesNotMatch.",
        practice: "`echo` into a secret file or through `base64`, which adds a newline (`echo -n` \
            or `printf %s` does not); `docker run --env-file`, which keeps quotes; files written \
            on Windows; a blank that came along when copying. Most tools use what they get \
            without a word.",
        fix: "Store it again without: `printf %s \"$SECRET\" > secret.txt`, or `printf %s \
            \"$SECRET\" | base64` for Kubernetes. Then sign again; the link itself cannot be \
            mended.",
    }
    ServerHasOtherSecret "server-has-other-secret" {
        summary: "the store holds another secret for this access key id than the one at hand",
        cause: "The secret at hand reproduces the signature, and the store hashed the same \
            canonical request as we did and still got something else. What is left is the secret: \
            the store has another one for this id.",
        practice: "The secret was replaced at the store and not here; a MinIO or Ceph was set up \
            again with the same id; two environments share an id; a replica or a second gateway \
            has an old copy; the key was made seconds ago and is not known everywhere.",
        fix: "Compare with the store's administration, or make a new key there, put it where the \
            signer reads it, and sign again. For IBM COS: `ibmcloud resource service-key NAME \
            --output json` shows the current one.",
    }
    SignatureMalformed "signature-malformed" {
        summary: "the signature is not 64 small hexadecimal digits",
        cause: "An `X-Amz-Signature` of SigV4 is a SHA-256 in hex. This one is too short, too \
            long, has capitals, or is something else, so it cannot be right for any request. \
            Stores respond with SignatureDoesNotMatch, AuthorizationQueryParametersError or \
            AccessDenied.",
        practice: "The end of the link was not copied; a log or a ticket system put `***` or \
            `REDACTED` there; a signer wrote the hash in base64 or in capitals; punctuation from \
            the sentence around it sticks to its end.",
        fix: "Get the link from its source again. If only something sticks to it, `cos-presign \
            inspect 'URL' --repair` prints it clean.",
    }
    SignatureNotChecked "signature-not-checked" {
        summary: "no credentials were given, so the signature itself was not compared",
        cause: "A signature is a hash with a secret in it; without that secret one can see \
            whether the URL is complete and alive, but not whether the hash is right.",
        practice: "`diagnose` was run on another machine than the one that signs, or the profile \
            with the key was not named. All other findings hold nevertheless.",
        fix: "Run it where the key is: `cos-presign diagnose 'URL' --profile NAME`, or with \
            `--access-key-id ID --secret-file FILE`, or let it look through all profiles with \
            `--try-all-profiles`.",
    }
    SignatureVersion2 "signature-version-2" {
        summary: "the link is signed with the old Signature Version 2",
        cause: "It has `AWSAccessKeyId`, `Expires` and `Signature` in place of `X-Amz-...`. AWS \
            regions opened since 2014 refuse it with 400 InvalidRequest (`Please use \
            AWS4-HMAC-SHA256`), as do Garage, B2 and others; some stores still accept it.",
        practice: "boto3 and ibm_boto3 without a region, even when written just like the sample \
            in IBM's documentation; `s3cmd signurl`; older SDKs. In these links `Expires` is a \
            point in time, in seconds since 1970.",
        fix: "Make it with SigV4: `cos-presign get BUCKET/KEY --region REGION`. In boto3, give \
            `region_name` and `Config(signature_version='s3v4')`.",
    }
    SignatureVersion4a "signature-version-4a" {
        summary: "the link has an ECDSA signature (SigV4A), and is not for a multi-Region access \
            point",
        cause: "The algorithm is AWS4-ECDSA-P256-SHA256, and `X-Amz-Region-Set` stands in place \
            of a region. Amazon S3's multi-Region access points want it; other stores know only \
            AWS4-HMAC-SHA256 and refuse it.",
        practice: "An SDK with the CRT library or another signer that was set to use SigV4A; \
            `--region-set`.",
        fix: "Sign for the bucket of one region: `cos-presign get BUCKET/KEY --region REGION`.",
    }
    SignedHeaderChanged "signed-header-changed" {
        summary: "a signed header was sent with another value",
        cause: "The link was signed for a value of the header, most often the content type, and \
            the client sent another one. The store hashes what was sent and responds with \
            SignatureDoesNotMatch.",
        practice: "axios and `curl -d` send `application/x-www-form-urlencoded`; `fetch` sends \
            `text/plain;charset=UTF-8` for a text; a form sends `multipart/form-data`; a library \
            appends `; charset=utf-8`; browsers name the type by the file's ending, which differs \
            between Windows and macOS.",
        fix: "Send exactly what was signed: `curl -T FILE -H 'content-type: image/jpeg' 'URL'`. \
            Or do not sign a type: `cos-presign put BUCKET/KEY --region REGION` without \
            `--content-type`.",
    }
    SignedHeaderMissing "signed-header-missing" {
        summary: "a header that was signed was not sent",
        cause: "`X-Amz-SignedHeaders` lists more than `host`, and all of it has to come with the \
            request, with the same values. If one is missing, stores respond with \
            SignatureDoesNotMatch or, like Garage, 400 InvalidRequest.",
        practice: "The signing side sets content type, metadata, ACL or encryption, and the \
            uploader is not informed. A link with more than `host` in its list cannot be used in \
            the address line of a browser.",
        fix: "`cos-presign inspect 'URL'` lists the headers to send. `cos-presign put BUCKET/KEY \
            --region REGION --content-type image/jpeg --output curl` prints a command that has \
            them.",
    }
    SignedHeadersMalformed "signed-headers-malformed" {
        summary: "the list of signed headers is not well formed",
        cause: "`X-Amz-SignedHeaders` has to hold names in small letters, sorted, with `;` between \
            them (in the URL `%3B`). An empty list, commas, capitals or `%253B` make stores \
            respond with AuthorizationQueryParametersError, SignatureDoesNotMatch, or AccessDenied \
            with HeadersNotSigned.",
        practice: "Signers written by hand; SDKs that had a bug there once; a link encoded twice, \
            so that the `;` is not seen; a proxy that takes `;` for the end of a parameter.",
        fix: "If `%253B` stands there, `cos-presign inspect 'URL' --repair` mends it. Otherwise \
            sign again: `cos-presign get BUCKET/KEY --region REGION`.",
    }
    StoreBusy "store-busy" {
        summary: "the store is overloaded or has a fault; the link is not to blame",
        cause: "The response is 500 InternalError, 503 SlowDown or ServiceUnavailable, or 429. It \
            says nothing about the signature, and the same link may work in the next second.",
        practice: "Many requests at once to one prefix, one key that everybody wants, a store \
            just being restarted, a limit of the account.",
        fix: "Try again with growing pauses: `curl --retry 5 -o FILE 'URL'`. A link may be used \
            as often as you like until it expires.",
    }
    SwiftTempUrl "swift-temp-url" {
        summary: "a TempURL of OpenStack Swift, not an S3 link",
        cause: "The parameters are `temp_url_sig` and `temp_url_expires`. The signature is an \
            HMAC of method, time and path with a key set on the account or container; every \
            failure is a 401.",
        practice: "Links of `swift tempurl`, of OVH, or of other OpenStack clouds. Often the key \
            was never set, or the link was made for GET and used for PUT.",
        fix: "Set the key and make it again: `swift post -m 'Temp-URL-Key:KEY'`, then `swift \
            tempurl GET 3600 /v1/AUTH_ID/CONTAINER/OBJECT KEY`. For a link in the S3 dialect: \
            `cos-presign get BUCKET/KEY --endpoint https://HOST --region REGION`.",
    }
    TencentSignature "tencent-signature" {
        summary: "a signed URL of Tencent COS's own scheme, not an S3 link",
        cause: "The parameters are `q-sign-algorithm`, `q-ak`, `q-sign-time` and `q-signature`. \
            `q-sign-time` holds start and end as Unix times.",
        practice: "Links of Tencent's SDKs, `coscli signurl` or the console.",
        fix: "Use it on Tencent COS as it is. For a link in the S3 dialect: `cos-presign get \
            BUCKET/KEY --provider tencent --region REGION`.",
    }
    TlsTrouble "tls-trouble" {
        summary: "the secure connection could not be made",
        cause: "The client does not trust the certificate, or its name is not the host's. No \
            request was sent, so the signature was not looked at.",
        practice: "A bucket with a dot in its name in virtual-host style: `*.s3...` covers one \
            label only. A MinIO with its own certificate; a company proxy that opens TLS and \
            whose root certificate is not installed; a container without any root certificates; a \
            clock that is years off.",
        fix: "Dots in the bucket's name: `cos-presign get BUCKET/KEY --region REGION --addressing \
            path`. An authority of your own: `curl --cacert ca.pem 'URL'`. `curl -v 'URL'` shows \
            which certificate came.",
    }
    TokenExpired "token-expired" {
        summary: "the session token has expired, and the link with it",
        cause: "A link signed with temporary credentials expires when they do, whatever \
            `X-Amz-Expires` says. The store responds with ExpiredToken, often while the link \
            should have days left.",
        practice: "The link was made with `aws sso login`, an assumed role, or the role of a \
            virtual machine, a container or a Lambda function: these last from one hour to at \
            most 36, and the remaining time may be much shorter than the whole. Hence links for \
            seven days that die after the lunch break.",
        fix: "Sign with a key that lasts (an IAM user's, an HMAC key of IBM COS), or sign shortly \
            before use with fresh credentials: `eval \"$(aws configure export-credentials \
            --profile NAME --format env)\"`.",
    }
    TokenInvalid "token-invalid" {
        summary: "the store does not accept the session token",
        cause: "The response is InvalidToken: the token in `X-Amz-Security-Token` is damaged, not \
            of this access key, or not known in this region. The signature may be right.",
        practice: "The token was decoded on the way, so that its `+` became spaces; it was cut; \
            id and token are of two different sessions; it is one of AWS's older global tokens, \
            used in a region that has to be opted into; an AWS token was sent to another store.",
        fix: "Get all three values again, together: `eval \"$(aws configure export-credentials \
            --profile NAME --format env)\"`, and sign again. For opt-in regions set \
            `AWS_STS_REGIONAL_ENDPOINTS=regional`.",
    }
    TokenMissing "token-missing" {
        summary: "the access key id is a temporary one, but the URL has no session token",
        cause: "An id that begins with `ASIA` is valid only together with its token, which has to \
            be in the URL as `X-Amz-Security-Token` before it is signed. AWS responds with \
            InvalidAccessKeyId or InvalidToken, as if the key did not exist.",
        practice: "Only two of the three variables were copied: into a `.env` file, a CI setting, \
            a container; or the signing library takes no token.",
        fix: "Export all three: `eval \"$(aws configure export-credentials --profile NAME \
            --format env)\"`, or add `--session-token-file FILE`, then sign again.",
    }
    TokenUnsigned "token-unsigned" {
        summary: "the session token was added to the URL after signing",
        cause: "The signature fits the URL without `X-Amz-Security-Token`. S3 wants the token \
            signed like every other parameter, and responds with SignatureDoesNotMatch or \
            AccessDenied. Some other AWS services, such as IoT, want it the other way round.",
        practice: "A signer that does not know tokens, to whose result one was appended; a general \
            signer with its setting for IoT.",
        fix: "Sign with the token in place: `cos-presign get BUCKET/KEY --region REGION` does, if \
            `AWS_SESSION_TOKEN` is set. With `cos-presign request`, leave `--session-token-mode` \
            at `signed`.",
    }
    TwoAuthMechanisms "two-auth-mechanisms" {
        summary: "the request has an Authorization header beside the signed URL",
        cause: "The store finds two proofs of identity and accepts neither: 400 InvalidArgument \
            or InvalidRequest (`Only one auth mechanism allowed`) on AWS, 403 AccessDenied on \
            Ceph. MinIO ignores the header.",
        practice: "A client logs in at an API, is redirected to a presigned link, and sends its \
            token along: registries, download managers, HTTP libraries that keep the header over \
            redirects. Or axios, Postman or an nginx in front adds it to every request.",
        fix: "Send no header to the store: `curl -H 'Authorization:' 'URL'` removes it. In nginx: \
            `proxy_set_header Authorization \"\";`.",
    }
    Unexplained "unexplained" {
        summary: "no known mistake explains this signature",
        cause: "Neither the URL as it is nor any of the changes that were tried, singly or in \
            pairs, gives this signature with the credentials at hand. It was made with another \
            secret, or by a mistake that is not in the list.",
        practice: "Most often the secret at hand is simply not the one that signed. Otherwise: a \
            host name that was not given, a header with an unknown value, three mistakes at once, \
            a signature that was changed itself.",
        fix: "Try other keys: `cos-presign diagnose 'URL' --try-all-profiles`. Give it what else \
            is known: `--host HOST`, `--method PUT`, `-H 'Name: value'`, and above all the \
            response of the store with `--response response.txt`.",
    }
    UnicodeNormalization "unicode-normalization" {
        summary: "the key is written in another Unicode form than the one that was signed or \
            stored",
        cause: "An accented letter can be one character (NFC) or a letter and an accent (NFD). \
            They look the same and are different bytes, so different keys. The store responds with \
            NoSuchKey, or SignatureDoesNotMatch if the form changed after signing.",
        practice: "File names from macOS come as NFD; browsers, databases and people typing give \
            NFC; some web frameworks and spreadsheets convert without being asked. Only the names \
            with accents or umlauts fail.",
        fix: "Take the key from a listing, not from the keyboard: `curl \"$(cos-presign list \
            BUCKET/PREFIX --region REGION)\"`. When uploading, settle on NFC.",
    }
    Unreachable "unreachable" {
        summary: "no connection to the store was made",
        cause: "The name was not found, the port does not respond, or the connection was cut or \
            timed out. Nothing was refused and the signature was not looked at.",
        practice: "No network or VPN, a company network that needs a proxy, a private or internal \
            name (`minio`, `s3.private...`) used outside, a wrong region in the host name, a \
            `bucket.localhost` that does not resolve, a firewall between a container and its \
            host.",
        fix: "`curl -v 'URL'` shows where it stops. Behind a proxy set `https_proxy`. If the name \
            is an internal one, sign for the outer one: `--public-endpoint \
            https://files.example.com`.",
    }
    UrlTruncated "url-truncated" {
        summary: "part of the link is missing",
        cause: "The URL ends too early, so that parameters of the signature are missing. Stores \
            say which (AuthorizationQueryParametersError, InvalidRequest), or treat the request \
            as unsigned and say AccessDenied.",
        practice: "An unquoted link in a shell ends at the first `&` and the rest runs as \
            commands in the background; cmd.exe does likewise; a column of 255 characters in a \
            database; a chat, a text message or a PDF that breaks the line; a CSV file. Session \
            tokens make links longer than 1000 characters.",
        fix: "Put it in single quotes: `curl -o FILE 'URL'`. What is cut off cannot be made up: \
            get the whole link again, or sign again.",
    }
    UrlWrapped "url-wrapped" {
        summary: "something of the text around it sticks to the link",
        cause: "Quotes, angle or round brackets, white space, line breaks, or a full stop at the \
            end came along. They are sent to the store as part of the URL, mostly of the \
            signature.",
        practice: "`<...>` from a mail, quotes from JSON or CSV, the bracket of a Markdown link, \
            the full stop of the sentence, a line that the mail program broke after 76 \
            characters, a newline at the end of a variable.",
        fix: "`cos-presign inspect - --repair < link.txt` prints the link alone. For people: \
            `cos-presign get BUCKET/KEY --region REGION --output html`, or `markdown`, keeps text \
            and link apart.",
    }
    WebsiteEndpoint "website-endpoint" {
        summary: "the host serves a static website and accepts no signatures",
        cause: "Website endpoints (`s3-website-REGION.amazonaws.com`, `s3-web.REGION...` of IBM \
            COS and others) serve public objects only. They ignore the signature and respond with \
            HTML.",
        practice: "The address of the website was used as the endpoint; a CDN points to the \
            website endpoint in place of the REST one.",
        fix: "Sign for the REST endpoint: `cos-presign get BUCKET/KEY --region REGION`.",
    }
    WrongAccessKey "wrong-access-key" {
        summary: "the access key id in the URL is not the one that goes with the secret",
        cause: "The id in `X-Amz-Credential` names one key and the hash was made with the secret \
            of another, or the id is not the one at hand. The store looks up its own secret for \
            the id in the URL and responds with SignatureDoesNotMatch.",
        practice: "`AWS_ACCESS_KEY_ID` comes from the environment and the secret from a file; a \
            key was rotated and only one of its halves replaced; the wrong profile is active; two \
            accounts are mixed up in one `.env`.",
        fix: "`cos-presign diagnose 'URL' --try-all-profiles` says which profile the id or the \
            secret belongs to. Take both halves from one place: `cos-presign get BUCKET/KEY \
            --profile NAME --region REGION`.",
    }
    WrongAddressing "wrong-addressing" {
        summary: "the bucket stands in the host where the store expects it in the path, or the \
            other way round",
        cause: "`https://BUCKET.HOST/KEY` and `https://HOST/BUCKET/KEY` name the same object, but \
            are signed differently, and not every store accepts both. The responses are \
            SignatureDoesNotMatch, NoSuchBucket, a name that does not resolve, or 403 \
            PathStyleDomainForbidden at Tencent.",
        practice: "MinIO, Ceph and Garage take virtual hosts only if a domain is configured; \
            Alibaba and Tencent take nothing else; an endpoint is configured with the bucket \
            already in it, so that the bucket comes twice; a user rewrote a link from one form to \
            the other.",
        fix: "Sign in the form that the store accepts: `cos-presign get BUCKET/KEY --endpoint \
            https://HOST --region REGION --addressing path`, or `virtual`. For a domain that is \
            the bucket: `--addressing bucket-host`.",
    }
    WrongHost "wrong-host" {
        summary: "the link was signed for another host than the one in the URL",
        cause: "The host name is part of what is signed. It was exchanged afterwards, so the store \
            hashes another name and responds with SignatureDoesNotMatch.",
        practice: "A program signs with the internal name (`minio:9000`, `s3.private...`) and \
            then puts the public one in by text replacement; a CDN or custom domain is put in \
            front; a link is moved from a legacy name to the current one, or to the dualstack or \
            accelerate name.",
        fix: "Sign for the host that the recipient will use: `cos-presign get BUCKET/KEY \
            --endpoint http://minio:9000 --public-endpoint https://files.example.com --region \
            us-east-1`.",
    }
    WrongMethod "wrong-method" {
        summary: "the link was signed for another method than the one that was used",
        cause: "The method is the first line of what is signed. A link for GET does not work for \
            HEAD, PUT or DELETE, and stores respond with 403: SignatureDoesNotMatch mostly, and to \
            HEAD without any text.",
        practice: "`curl -I`, link checkers, download managers and chat previews send HEAD first; \
            an upload link opened in a browser is a GET; a library uploads with POST in place of \
            PUT; `aws s3 presign` makes links for GET only.",
        fix: "Use what was signed: `curl -o FILE 'URL'` for a download, `curl -T FILE 'URL'` for \
            an upload. To test without downloading: `cos-presign verify 'URL'`, or `curl -r 0-0 \
            -o /dev/null 'URL'`. For HEAD itself: `cos-presign head BUCKET/KEY --region REGION`.",
    }
    WrongRegion "wrong-region" {
        summary: "the link was signed for another region than the store's",
        cause: "The region stands in the credential and goes into the signing key. AWS responds \
            with 400 AuthorizationQueryParametersError and names the right one, Garage \
            AuthorizationHeaderMalformed; others SignatureDoesNotMatch. IBM COS and Ceph accept \
            any region.",
        practice: "A default of us-east-1 from a configuration that was never checked; the host of \
            one region and the `AWS_REGION` of another; a Garage, whose region is usually called \
            `garage`; R2, where it is `auto`; an IBM storage class such as `us-south-smart` taken \
            for a region elsewhere.",
        fix: "Sign again: `cos-presign get BUCKET/KEY --region REGION`. The region of an AWS \
            bucket is in `curl -sI https://BUCKET.s3.amazonaws.com`, as `x-amz-bucket-region`.",
    }
    WrongSecret "wrong-secret" {
        summary: "the link was signed with another secret than the one at hand",
        cause: "With the secret at hand the signature comes out differently, though all that is \
            hashed is known: another known secret gives just this one, or the response of the \
            store shows the same canonical request as ours. If the store holds the one at hand, it \
            responds with SignatureDoesNotMatch.",
        practice: "The secret was rotated and the signing service still runs with the old one; \
            the profile of another account is active; test and production use ids that look \
            alike; a variable in the environment wins over the file that was edited.",
        fix: "`cos-presign diagnose 'URL' --try-all-profiles` names the profile whose secret \
            fits. Put the right secret where the signer reads it, restart the signer, and make \
            new links.",
    }
    WrongService "wrong-service" {
        summary: "the link was signed for another service than `s3`",
        cause: "The service stands in the credential and goes into the signing key; for S3 it has \
            to be `s3`. Swift and Garage say so with 400, s3s with 501 NotImplemented, others \
            respond with SignatureDoesNotMatch.",
        practice: "A general SigV4 signer with its default, or with `execute-api` from an \
            example; S3 Express, Outposts and Object Lambda have services of their own \
            (`s3express`, `s3-outposts`, `s3-object-lambda`), and those links do not work on \
            normal buckets, nor the other way round.",
        fix: "Sign for `s3`: `cos-presign get BUCKET/KEY --region REGION`. For another service: \
            `cos-presign request GET 'https://HOST/PATH' --service NAME --region REGION`.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_found() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(
            CODES
                .iter()
                .all(|known| explanation(known.code) == Some(known))
        );
        assert_eq!(explanation("wrong-regions"), None);
    }

    #[test]
    fn codes_are_words_with_hyphens() {
        for known in CODES {
            assert!(
                known
                    .code
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{}",
                known.code
            );
        }
    }

    #[test]
    fn texts_have_their_form() {
        for known in CODES {
            let Explanation { code, summary, .. } = known;
            assert!(
                !summary.ends_with('.') && !summary.contains('\n'),
                "{code}: {summary}"
            );
            for text in [known.cause, known.practice, known.fix] {
                assert!(text.ends_with('.'), "{code}: {text}");
            }
            for text in [summary, known.cause, known.practice, known.fix] {
                assert!(text.is_ascii() && !text.contains("  "), "{code}: {text}");
                assert!(
                    text.matches('`').count() % 2 == 0,
                    "{code}: a backtick is left open: {text}"
                );
            }
        }
    }
}
