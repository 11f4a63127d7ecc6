// The AWS SDK for JavaScript, version 3. It adds parameters of its own, so its URLs are longer.

const { GetObjectCommand, S3Client } = require('@aws-sdk/client-s3');
const { getSignedUrl } = require('@aws-sdk/s3-request-presigner');
const { given, run } = require('./rival.js');

const client = new S3Client({
  region: given.region,
  credentials: { accessKeyId: given.access_key_id, secretAccessKey: given.secret },
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
const options = { expiresIn: given.expires, signingDate: new Date(given.unix * 1000) };

run((key) => getSignedUrl(client, new GetObjectCommand({ Bucket: given.bucket, Key: key }), options));
