//! A store: `s3s` does the protocol and checks the signatures, a map in memory keeps the objects.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::dto::{
    CommonPrefix, CreateBucketInput, CreateBucketOutput, DeleteObjectInput, DeleteObjectOutput, GetObjectInput, GetObjectOutput,
    HeadObjectInput, HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, Metadata, Object, PutObjectInput,
    PutObjectOutput, Range, StreamingBlob,
};
use s3s::host::SingleDomain;
use s3s::service::S3ServiceBuilder;
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use tokio::net::TcpListener;

pub const ACCESS_KEY_ID: &str = "0123456789abcdef0123456789abcdef";
pub const SECRET_ACCESS_KEY: &str = "not/a+real=secret0123456789abcdef0123456789ab";

#[derive(Clone, Default)]
struct Stored {
    body: Vec<u8>,
    content_type: Option<String>,
    metadata: Option<Metadata>,
}

type Buckets = BTreeMap<String, BTreeMap<String, Stored>>;

/// The map.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Buckets>>);

impl Memory {
    fn object(&self, bucket: &str, key: &str) -> S3Result<Stored> {
        let buckets = self.0.lock().unwrap();
        let objects = buckets.get(bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        objects.get(key).cloned().ok_or_else(|| s3_error!(NoSuchKey))
    }
}

#[async_trait::async_trait]
impl S3 for Memory {
    async fn create_bucket(&self, req: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        self.0.lock().unwrap().entry(req.input.bucket).or_default();
        Ok(S3Response::new(CreateBucketOutput::default()))
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = req.input;
        let body = match input.body {
            Some(blob) => Body::from(blob).store_all_limited(1 << 20).await.map_err(|_| s3_error!(EntityTooLarge))?.to_vec(),
            None => Vec::new(),
        };
        let mut buckets = self.0.lock().unwrap();
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
        let mut buckets = self.0.lock().unwrap();
        buckets.get_mut(&req.input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?.remove(&req.input.key);
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn list_objects_v2(&self, req: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = req.input;
        let buckets = self.0.lock().unwrap();
        let objects = buckets.get(&input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = input.continuation_token.or(input.start_after).unwrap_or_default();
        let limit = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap();
        let mut contents = Vec::new();
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
            contents.push(Object { key: Some(key.clone()), size: i64::try_from(stored.body.len()).ok(), ..Default::default() });
        }
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(prefix),
            key_count: i32::try_from(contents.len()).ok(),
            is_truncated: Some(truncated),
            next_continuation_token: contents.last().filter(|_| truncated).and_then(|object| object.key.clone()),
            common_prefixes: Some(groups.into_iter().map(|prefix| CommonPrefix { prefix: Some(prefix) }).collect()),
            contents: Some(contents),
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
