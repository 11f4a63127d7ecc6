// The same SDK without its commands: the caller makes the request, as the documentation of the presigner shows.

const { S3Client } = require('@aws-sdk/client-s3');
const { formatUrl } = require('@aws-sdk/core/util');
const { S3RequestPresigner } = require('@aws-sdk/s3-request-presigner');
const { given, run } = require('./rival.js');

const { sha256 } = new S3Client({ region: given.region }).config;
const credentials = { accessKeyId: given.access_key_id, secretAccessKey: given.secret };
const presigner = new S3RequestPresigner({ credentials, region: given.region, sha256 });
const options = { expiresIn: given.expires, signingDate: new Date(given.unix * 1000) };
const headers = { host: given.host };

run(async (key) => {
  const request = { method: 'GET', protocol: 'https:', hostname: given.host, path: `/${key}`, headers, query: {} };
  return formatUrl(await presigner.presign(request, options));
});
