//! A store: `s3s` does the protocol and checks the signatures, a map in memory keeps the objects.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use md5::{Digest, Md5};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::auth::SimpleAuth;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CommonPrefix,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CreateBucketInput,
    CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput,
    DeleteObjectOutput, ETag, ETagCondition, EncodingType, GetObjectInput, GetObjectOutput,
    HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput,
    ListMultipartUploadsInput, ListMultipartUploadsOutput, ListObjectsV2Input, ListObjectsV2Output,
    ListPartsInput, ListPartsOutput, Metadata, MultipartUpload, Object, Part, PutObjectInput,
    PutObjectOutput, Range, StreamingBlob, UploadPartInput, UploadPartOutput,
};
use s3s::host::SingleDomain;
use s3s::service::S3ServiceBuilder;
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use tokio::net::TcpListener;

pub const ACCESS_KEY_ID: &str = "0123456789abcdef0123456789abcdef";
pub const SECRET_ACCESS_KEY: &str = "not/a+real=secret0123456789abcdef0123456789ab";

/// A token is no key, so that one cannot pass for the other; and it has characters that a query has
/// to encode.
const TOKEN_MARK: &str = "1/+==";

#[derive(Clone, Default)]
struct Stored {
    body: Vec<u8>,
    content_type: Option<String>,
    metadata: Option<Metadata>,
    etag: String,
}

/// The parts of an upload that is under way, and the key that it is for.
#[derive(Default)]
struct Upload {
    key: String,
    parts: BTreeMap<i32, Vec<u8>>,
}

type Buckets = BTreeMap<String, BTreeMap<String, Stored>>;
type Uploads = BTreeMap<String, Upload>;

/// The maps.
#[derive(Clone, Default)]
struct Memory {
    buckets: Arc<Mutex<Buckets>>,
    uploads: Arc<Mutex<Uploads>>,
    /// The number of each part that was taken, in the order of their coming.
    parts_taken: Arc<Mutex<Vec<i32>>>,
}

/// All stores of the test process, by address, so that a [`Server`] stays a plain value.
static MEMORIES: Mutex<Vec<(SocketAddr, Memory)>> = Mutex::new(Vec::new());

fn md5_hex(bytes: &[u8]) -> String {
    hex::encode(Md5::digest(bytes))
}

/// The checksum of the body, which may be damaged in transit.
fn check_md5(given: Option<&str>, body: &[u8]) -> S3Result<()> {
    let own = base64::engine::general_purpose::STANDARD.encode(Md5::digest(body));
    if given.is_some_and(|given| given != own) {
        Err(s3_error!(BadDigest))
    } else {
        Ok(())
    }
}

impl Memory {
    fn object(&self, bucket: &str, key: &str) -> S3Result<Stored> {
        let buckets = self.buckets.lock().unwrap();
        let objects = buckets.get(bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        objects
            .get(key)
            .cloned()
            .ok_or_else(|| s3_error!(NoSuchKey))
    }
}

async fn read(body: Option<StreamingBlob>) -> S3Result<Vec<u8>> {
    match body {
        Some(blob) => Ok(Body::from(blob)
            .store_all_limited(64 << 20)
            .await
            .map_err(|_| s3_error!(EntityTooLarge))?
            .to_vec()),
        None => Ok(Vec::new()),
    }
}

#[async_trait::async_trait]
impl S3 for Memory {
    async fn create_bucket(
        &self,
        req: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.buckets
            .lock()
            .unwrap()
            .entry(req.input.bucket)
            .or_default();
        Ok(S3Response::new(CreateBucketOutput::default()))
    }

    async fn head_bucket(
        &self,
        req: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        if !self.buckets.lock().unwrap().contains_key(&req.input.bucket) {
            return Err(s3_error!(NoSuchBucket));
        }
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn put_object(
        &self,
        req: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let input = req.input;
        let body = read(input.body).await?;
        check_md5(input.content_md5.as_deref(), &body)?;
        let mut buckets = self.buckets.lock().unwrap();
        let objects = buckets
            .get_mut(&input.bucket)
            .ok_or_else(|| s3_error!(NoSuchBucket))?;
        if input.if_none_match == Some(ETagCondition::Any) && objects.contains_key(&input.key) {
            return Err(s3_error!(PreconditionFailed));
        }
        let etag = md5_hex(&body);
        let e_tag = Some(ETag::Strong(etag.clone()));
        objects.insert(
            input.key,
            Stored {
                body,
                content_type: input.content_type,
                metadata: input.metadata,
                etag,
            },
        );
        Ok(S3Response::new(PutObjectOutput {
            e_tag,
            ..Default::default()
        }))
    }

    async fn get_object(
        &self,
        req: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let input = req.input;
        let stored = self.object(&input.bucket, &input.key)?;
        let e_tag = ETag::Strong(stored.etag);
        if let Some(ETagCondition::ETag(wanted)) = &input.if_match
            && *wanted != e_tag
        {
            return Err(s3_error!(PreconditionFailed));
        }
        let size = stored.body.len();
        let (body, content_range) = match input.range {
            None => (stored.body, None),
            Some(Range::Int { first, last }) => {
                let first = usize::try_from(first).unwrap();
                if first >= size {
                    return Err(s3_error!(InvalidRange));
                }
                let last = last.map_or(size - 1, |last| {
                    usize::try_from(last).unwrap().min(size - 1)
                });
                (
                    stored.body[first..=last].to_vec(),
                    Some(format!("bytes {first}-{last}/{size}")),
                )
            }
            Some(Range::Suffix { .. }) => return Err(s3_error!(NotImplemented)),
        };
        Ok(S3Response::new(GetObjectOutput {
            content_length: i64::try_from(body.len()).ok(),
            content_range,
            content_type: input.response_content_type.or(stored.content_type),
            content_disposition: input.response_content_disposition,
            cache_control: input.response_cache_control,
            metadata: stored.metadata,
            e_tag: Some(e_tag),
            body: Some(StreamingBlob::from(Body::from(body))),
            ..Default::default()
        }))
    }

    async fn head_object(
        &self,
        req: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let stored = self.object(&req.input.bucket, &req.input.key)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: i64::try_from(stored.body.len()).ok(),
            content_type: stored.content_type,
            metadata: stored.metadata,
            e_tag: Some(ETag::Strong(stored.etag)),
            ..Default::default()
        }))
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let mut buckets = self.buckets.lock().unwrap();
        buckets
            .get_mut(&req.input.bucket)
            .ok_or_else(|| s3_error!(NoSuchBucket))?
            .remove(&req.input.key);
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = req.input;
        let buckets = self.buckets.lock().unwrap();
        let objects = buckets
            .get(&input.bucket)
            .ok_or_else(|| s3_error!(NoSuchBucket))?;
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = match input.continuation_token {
            Some(token) => token
                .strip_prefix(TOKEN_MARK)
                .ok_or_else(|| s3_error!(InvalidArgument))?
                .to_owned(),
            None => input.start_after.unwrap_or_default(),
        };
        // XML cannot contain every character of a key, so a client with such keys requests this.
        let url_encoded = input
            .encoding_type
            .as_ref()
            .is_some_and(|encoding| encoding.as_str() == EncodingType::URL);
        let written = |text: &str| {
            if url_encoded {
                utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
            } else {
                text.to_owned()
            }
        };
        let limit = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap();
        let mut contents = Vec::new();
        let mut last = None;
        let mut groups: Vec<String> = Vec::new();
        let mut truncated = false;
        for (key, stored) in objects
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix) && **key > after)
        {
            let grouped = input.delimiter.as_ref().and_then(|delimiter| {
                let end =
                    key[prefix.len()..].find(delimiter.as_str())? + prefix.len() + delimiter.len();
                Some(key[..end].to_owned())
            });
            if let Some(group) = grouped {
                if groups.last() != Some(&group) {
                    groups.push(group);
                }
                continue;
            }
            if contents.len() == limit {
                truncated = true;
                break;
            }
            last = Some(key.clone());
            contents.push(Object {
                key: Some(written(key)),
                size: i64::try_from(stored.body.len()).ok(),
                ..Default::default()
            });
        }
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(written(&prefix)),
            key_count: i32::try_from(contents.len() + groups.len()).ok(),
            is_truncated: Some(truncated),
            next_continuation_token: last
                .filter(|_| truncated)
                .map(|last| format!("{TOKEN_MARK}{last}")),
            common_prefixes: Some(
                groups
                    .iter()
                    .map(|prefix| CommonPrefix {
                        prefix: Some(written(prefix)),
                    })
                    .collect(),
            ),
            encoding_type: input.encoding_type,
            contents: Some(contents),
            ..Default::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let mut uploads = self.uploads.lock().unwrap();
        // Characters that a query has to encode, as the ids of some stores have them.
        let upload_id = format!("id/{}+~==", uploads.len());
        uploads.insert(
            upload_id.clone(),
            Upload {
                key: req.input.key,
                ..Default::default()
            },
        );
        Ok(S3Response::new(CreateMultipartUploadOutput {
            upload_id: Some(upload_id),
            ..Default::default()
        }))
    }

    async fn list_multipart_uploads(
        &self,
        req: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let prefix = req.input.prefix.unwrap_or_default();
        let uploads = self.uploads.lock().unwrap();
        let begun = uploads
            .iter()
            .filter(|(_, upload)| upload.key.starts_with(&prefix));
        Ok(S3Response::new(ListMultipartUploadsOutput {
            bucket: Some(req.input.bucket),
            uploads: Some(
                begun
                    .map(|(id, upload)| MultipartUpload {
                        key: Some(upload.key.clone()),
                        upload_id: Some(id.clone()),
                        ..Default::default()
                    })
                    .collect(),
            ),
            ..Default::default()
        }))
    }

    async fn upload_part(
        &self,
        req: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let input = req.input;
        let body = read(input.body).await?;
        check_md5(input.content_md5.as_deref(), &body)?;
        let e_tag = Some(ETag::Strong(md5_hex(&body)));
        let mut uploads = self.uploads.lock().unwrap();
        let upload = uploads
            .get_mut(&input.upload_id)
            .filter(|upload| upload.key == input.key);
        upload
            .ok_or_else(|| s3_error!(NoSuchUpload))?
            .parts
            .insert(input.part_number, body);
        self.parts_taken.lock().unwrap().push(input.part_number);
        Ok(S3Response::new(UploadPartOutput {
            e_tag,
            ..Default::default()
        }))
    }

    async fn list_parts(
        &self,
        req: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        let input = req.input;
        let uploads = self.uploads.lock().unwrap();
        let upload = uploads
            .get(&input.upload_id)
            .filter(|upload| upload.key == input.key);
        let after = input.part_number_marker.unwrap_or_default();
        let limit = usize::try_from(input.max_parts.unwrap_or(1000)).unwrap();
        let all = upload.ok_or_else(|| s3_error!(NoSuchUpload))?.parts.iter();
        let parts: Vec<Part> = all
            .filter(|(number, _)| **number > after)
            .take(limit)
            .map(|(number, body)| Part {
                part_number: Some(*number),
                size: i64::try_from(body.len()).ok(),
                e_tag: Some(ETag::Strong(md5_hex(body))),
                ..Default::default()
            })
            .collect();
        Ok(S3Response::new(ListPartsOutput {
            parts: Some(parts),
            ..Default::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.uploads
            .lock()
            .unwrap()
            .remove(&req.input.upload_id)
            .ok_or_else(|| s3_error!(NoSuchUpload))?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = req.input;
        let mut uploads = self.uploads.lock().unwrap();
        if uploads
            .get(&input.upload_id)
            .is_none_or(|upload| upload.key != input.key)
        {
            return Err(s3_error!(NoSuchUpload));
        }
        let mut buckets = self.buckets.lock().unwrap();
        let objects = buckets
            .get_mut(&input.bucket)
            .ok_or_else(|| s3_error!(NoSuchBucket))?;
        if input.if_none_match == Some(ETagCondition::Any) && objects.contains_key(&input.key) {
            return Err(s3_error!(PreconditionFailed));
        }
        let upload = uploads.remove(&input.upload_id).unwrap_or_default();
        let given = input
            .multipart_upload
            .and_then(|given| given.parts)
            .unwrap_or_default();
        let mut body = Vec::new();
        let mut digests = Vec::new();
        for part in &given {
            let taken = part
                .part_number
                .and_then(|number| upload.parts.get(&number))
                .ok_or_else(|| s3_error!(InvalidPart))?;
            let digest = Md5::digest(taken);
            if part.e_tag != Some(ETag::Strong(hex::encode(digest))) {
                return Err(s3_error!(InvalidPart));
            }
            digests.extend_from_slice(&digest);
            body.extend_from_slice(taken);
        }
        let etag = format!("{}-{}", md5_hex(&digests), given.len());
        let e_tag = Some(ETag::Strong(etag.clone()));
        objects.insert(
            input.key,
            Stored {
                body,
                etag,
                ..Default::default()
            },
        );
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            e_tag,
            ..Default::default()
        }))
    }
}

/// A running store. It ends with the test process.
#[derive(Clone, Copy)]
pub struct Server {
    pub address: SocketAddr,
}

impl Server {
    /// Starts on a free port of the loopback interface and serves path style as well as
    /// `bucket.localhost:PORT`.
    pub fn start() -> Server {
        let (sender, receiver) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = listener.local_addr().unwrap();
                let memory = Memory::default();
                MEMORIES.lock().unwrap().push((address, memory.clone()));
                let mut builder = S3ServiceBuilder::new(memory);
                builder.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
                builder
                    .set_host(SingleDomain::new(&format!("localhost:{}", address.port())).unwrap());
                let service = builder.build();
                sender.send(address).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let service = service.clone();
                    tokio::spawn(async move {
                        let connection = auto::Builder::new(TokioExecutor::new());
                        // A client that goes away early is no concern of the server's.
                        let _ = connection
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    });
                }
            });
        });
        Server {
            address: receiver.recv().unwrap(),
        }
    }

    fn memory(&self) -> Memory {
        let memories = MEMORIES.lock().unwrap();
        memories
            .iter()
            .find(|(address, _)| *address == self.address)
            .unwrap()
            .1
            .clone()
    }

    /// The number of each part that was taken so far, in the order of their coming.
    pub fn parts_taken(&self) -> Vec<i32> {
        self.memory().parts_taken.lock().unwrap().clone()
    }

    /// The bytes of an object, if it is there.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.memory()
            .object(bucket, key)
            .ok()
            .map(|stored| stored.body)
    }

    /// Writes an object, as another client.
    pub fn put(&self, bucket: &str, key: &str, body: &[u8]) {
        let stored = Stored {
            body: body.to_vec(),
            etag: md5_hex(body),
            ..Default::default()
        };
        self.memory()
            .buckets
            .lock()
            .unwrap()
            .entry(bucket.to_owned())
            .or_default()
            .insert(key.to_owned(), stored);
    }

    /// How many uploads are under way.
    pub fn uploads(&self) -> usize {
        self.memory().uploads.lock().unwrap().len()
    }

    /// For path style.
    pub fn path_endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// For virtual-host style.
    pub fn virtual_endpoint(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }
}
