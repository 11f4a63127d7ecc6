//! A store: `s3s` does the protocol and checks the signatures, a map in memory keeps the objects.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::auth::SimpleAuth;
use s3s::dto::{
    CommonPrefix, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CreateBucketInput, CreateBucketOutput,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput, DeleteObjectOutput, ETag, EncodingType,
    GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListObjectsV2Input,
    ListObjectsV2Output, Metadata, Object, PutObjectInput, PutObjectOutput, Range, StreamingBlob, UploadPartInput,
    UploadPartOutput,
};
use s3s::host::SingleDomain;
use s3s::service::S3ServiceBuilder;
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use tokio::net::TcpListener;

pub const ACCESS_KEY_ID: &str = "0123456789abcdef0123456789abcdef";
pub const SECRET_ACCESS_KEY: &str = "not/a+real=secret0123456789abcdef0123456789ab";

/// A token is no key, so that one cannot pass for the other; and it has characters that a query has to encode.
const TOKEN_MARK: &str = "1/+==";

#[derive(Clone, Default)]
struct Stored {
    body: Vec<u8>,
    content_type: Option<String>,
    metadata: Option<Metadata>,
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
}

impl Memory {
    fn object(&self, bucket: &str, key: &str) -> S3Result<Stored> {
        let buckets = self.buckets.lock().unwrap();
        let objects = buckets.get(bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        objects.get(key).cloned().ok_or_else(|| s3_error!(NoSuchKey))
    }
}

async fn read(body: Option<StreamingBlob>) -> S3Result<Vec<u8>> {
    match body {
        Some(blob) => Ok(Body::from(blob).store_all_limited(1 << 20).await.map_err(|_| s3_error!(EntityTooLarge))?.to_vec()),
        None => Ok(Vec::new()),
    }
}

#[async_trait::async_trait]
impl S3 for Memory {
    async fn create_bucket(&self, req: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        self.buckets.lock().unwrap().entry(req.input.bucket).or_default();
        Ok(S3Response::new(CreateBucketOutput::default()))
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        if !self.buckets.lock().unwrap().contains_key(&req.input.bucket) {
            return Err(s3_error!(NoSuchBucket));
        }
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = req.input;
        let body = read(input.body).await?;
        let mut buckets = self.buckets.lock().unwrap();
        let objects = buckets.get_mut(&input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        objects.insert(input.key, Stored { body, content_type: input.content_type, metadata: input.metadata });
        Ok(S3Response::new(PutObjectOutput::default()))
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = req.input;
        let stored = self.object(&input.bucket, &input.key)?;
        let size = stored.body.len();
        let (body, content_range) = match input.range {
            None => (stored.body, None),
            Some(Range::Int { first, last }) => {
                let first = usize::try_from(first).unwrap();
                if first >= size {
                    return Err(s3_error!(InvalidRange));
                }
                let last = last.map_or(size - 1, |last| usize::try_from(last).unwrap().min(size - 1));
                (stored.body[first..=last].to_vec(), Some(format!("bytes {first}-{last}/{size}")))
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
            body: Some(StreamingBlob::from(Body::from(body))),
            ..Default::default()
        }))
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let stored = self.object(&req.input.bucket, &req.input.key)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: i64::try_from(stored.body.len()).ok(),
            content_type: stored.content_type,
            metadata: stored.metadata,
            ..Default::default()
        }))
    }

    async fn delete_object(&self, req: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let mut buckets = self.buckets.lock().unwrap();
        buckets.get_mut(&req.input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?.remove(&req.input.key);
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn list_objects_v2(&self, req: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = req.input;
        let buckets = self.buckets.lock().unwrap();
        let objects = buckets.get(&input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = match input.continuation_token {
            Some(token) => token.strip_prefix(TOKEN_MARK).ok_or_else(|| s3_error!(InvalidArgument))?.to_owned(),
            None => input.start_after.unwrap_or_default(),
        };
        // XML cannot hold every character that a key can; a client that may meet such keys asks for this.
        let url_encoded = input.encoding_type.as_ref().is_some_and(|encoding| encoding.as_str() == EncodingType::URL);
        let written =
            |text: &str| if url_encoded { utf8_percent_encode(text, NON_ALPHANUMERIC).to_string() } else { text.to_owned() };
        let limit = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap();
        let mut contents = Vec::new();
        let mut last = None;
        let mut groups: Vec<String> = Vec::new();
        let mut truncated = false;
        for (key, stored) in objects.iter().filter(|(key, _)| key.starts_with(&prefix) && **key > after) {
            let grouped = input.delimiter.as_ref().and_then(|delimiter| {
                let end = key[prefix.len()..].find(delimiter.as_str())? + prefix.len() + delimiter.len();
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
            contents.push(Object { key: Some(written(key)), size: i64::try_from(stored.body.len()).ok(), ..Default::default() });
        }
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(written(&prefix)),
            key_count: i32::try_from(contents.len() + groups.len()).ok(),
            is_truncated: Some(truncated),
            next_continuation_token: last.filter(|_| truncated).map(|last| format!("{TOKEN_MARK}{last}")),
            common_prefixes: Some(groups.iter().map(|prefix| CommonPrefix { prefix: Some(written(prefix)) }).collect()),
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
        uploads.insert(upload_id.clone(), Upload { key: req.input.key, ..Default::default() });
        Ok(S3Response::new(CreateMultipartUploadOutput { upload_id: Some(upload_id), ..Default::default() }))
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = req.input;
        let body = read(input.body).await?;
        let mut uploads = self.uploads.lock().unwrap();
        let upload = uploads.get_mut(&input.upload_id).filter(|upload| upload.key == input.key);
        upload.ok_or_else(|| s3_error!(NoSuchUpload))?.parts.insert(input.part_number, body);
        let e_tag = Some(ETag::Strong(format!("part-{}", input.part_number)));
        Ok(S3Response::new(UploadPartOutput { e_tag, ..Default::default() }))
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = req.input;
        let mut uploads = self.uploads.lock().unwrap();
        if uploads.get(&input.upload_id).is_none_or(|upload| upload.key != input.key) {
            return Err(s3_error!(NoSuchUpload));
        }
        let upload = uploads.remove(&input.upload_id).unwrap_or_default();
        let mut buckets = self.buckets.lock().unwrap();
        let objects = buckets.get_mut(&input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        let body = upload.parts.into_values().flatten().collect();
        objects.insert(input.key, Stored { body, ..Default::default() });
        Ok(S3Response::new(CompleteMultipartUploadOutput::default()))
    }
}

/// A running store. It ends with the test process.
#[derive(Clone, Copy)]
pub struct Server {
    pub address: SocketAddr,
}

impl Server {
    /// Starts on a free port of the loopback interface and serves path style as well as `bucket.localhost:PORT`.
    pub fn start() -> Server {
        let (sender, receiver) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = listener.local_addr().unwrap();
                let mut builder = S3ServiceBuilder::new(Memory::default());
                builder.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
                builder.set_host(SingleDomain::new(&format!("localhost:{}", address.port())).unwrap());
                let service = builder.build();
                sender.send(address).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let service = service.clone();
                    tokio::spawn(async move {
                        let connection = auto::Builder::new(TokioExecutor::new());
                        // A client that goes away early is no concern of the server's.
                        let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                    });
                }
            });
        });
        Server { address: receiver.recv().unwrap() }
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
