#!/usr/bin/env python3
"""Writes reports.jsonl: refused URLs rebuilt after public bug reports. See README.md.

Every signature is computed here, of the request that the signer of the report had in mind. Where
a response contains a canonical request, it is computed from the request as it arrived.
"""
import base64
import hashlib
import hmac
import json
import os
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

DATE = '20261130T074000Z'
AT = '2026-11-30T07:45:00Z'
KEY = 'AKIAFAKEFAKEFAKE0001'
TEMPORARY_KEY = 'ASIAFAKEFAKEFAKE0001'
SECRET = 'fAkeSecret/for+Tests0123456789abcdefGHIJ'
TOKEN = 'FwoGZXIvYXdzEXAMPLE//////////wEaDEXAMPLE+ab+cd/ef=='
GOOGLE = 'GOOG1E' + 'FAKE0' * 11
R2_HOST = '0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com'
R2_KEY = 'fake' * 8
MISMATCH = ('The request signature we calculated does not match the signature you provided. '
            'Check your key and signing method.')
UNSIGNED = 'UNSIGNED-PAYLOAD'
# Findings that blame the secret; none of them may be certain where the secret is right.
SECRETS = ['wrong-secret', 'server-has-other-secret']
CASES = []


def encoded(text):
    return quote(text, safe='-_.~')


def encoded_path(path):
    return quote(path, safe='-_.~/')


def signed_with(secret, scope, canonical, time=DATE):
    """The signature of a canonical request, and its string to sign."""
    date, region, service, _ = scope.split('/')
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = '\n'.join(['AWS4-HMAC-SHA256', time, scope, hashed])
    key = ('AWS4' + secret).encode()
    for part in (date, region, service, 'aws4_request'):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), text


def canonical_request(method, path, query, headers, payload=UNSIGNED):
    """`path` and the pairs of `query` are encoded already; `headers` are those signed."""
    names = sorted(headers)
    return '\n'.join([
        method, path, '&'.join('='.join(pair) for pair in sorted(query)),
        ''.join('%s:%s\n' % (name, headers[name]) for name in names), ';'.join(names), payload])


class Presigned:
    """A presigned URL and, in `signed_*`, what its signer hashed in place of what it wrote."""

    def __init__(self, host, path, region='us-east-1', method='GET', extra=(), headers=None,
                 key=KEY, secret=SECRET, token=None, expires='3600', scheme='https',
                 signed_host=None, signed_path=None, signed_extra=None, url_extra=None,
                 credential=None, signed_headers=None, time=DATE):
        scope = '%s/%s/s3/aws4_request' % (time[:8], region)
        headers = dict(headers or {})
        headers['host'] = signed_host or host
        names = ';'.join(sorted(headers)) if signed_headers is None else signed_headers
        auth = [('X-Amz-Algorithm', 'AWS4-HMAC-SHA256'),
                ('X-Amz-Credential', credential or encoded(key + '/' + scope)),
                ('X-Amz-Date', time), ('X-Amz-Expires', expires),
                ('X-Amz-SignedHeaders', encoded(names))]
        if token is not None:
            auth.append(('X-Amz-Security-Token', encoded(token)))
        pairs = [(encoded(name), encoded(value)) for name, value in extra]
        hashed = auth + (pairs if signed_extra is None else signed_extra)
        if signed_headers is not None:
            headers = {name: headers[name] for name in signed_headers.split(';')
                       if name in headers}
        canonical = canonical_request(method, signed_path or encoded_path(path), hashed, headers)
        self.signature, _ = signed_with(secret, scope, canonical, time)
        written = (pairs if url_extra is None else url_extra) + auth
        self.query = '&'.join('='.join(pair) for pair in written)
        self.url = '%s://%s%s?%s&X-Amz-Signature=%s' % (
            scheme, host, encoded_path(path), self.query, self.signature)
        self.env = {'AWS_ACCESS_KEY_ID': key, 'AWS_SECRET_ACCESS_KEY': secret}
        if token is not None:
            self.env['AWS_SESSION_TOKEN'] = token


def arrived(url, method, headers):
    """The canonical request and the string to sign that a store computes for a request."""
    parts = urlsplit(url)
    pairs = [pair.partition('=')[::2] for pair in parts.query.split('&')]
    pairs = [(encoded(unquote(name)), encoded(unquote(value.replace('+', ' '))))
             for name, value in pairs if name != 'X-Amz-Signature']
    values = dict((name, unquote(value)) for name, value in pairs)
    sent = {'host': parts.netloc}
    sent.update((name.strip().lower(), value.strip())
                for name, value in (header.split(':', 1) for header in headers))
    signed = {name: sent.get(name, '') for name in values['X-Amz-SignedHeaders'].split(';')}
    canonical = canonical_request(method, encoded_path(unquote(parts.path)), pairs, signed)
    scope = values['X-Amz-Credential'].split('/', 1)[1]
    return canonical, signed_with('', scope, canonical)[1]


def http(status, body, kind='application/xml', time='07:44:00'):
    return 'HTTP/1.1 %s\r\nDate: Mon, 30 Nov 2026 %s GMT\r\nContent-Type: %s\r\n\r\n%s' % (
        status, time, kind, body)


def error(code, message, *fields, tail=''):
    """The XML of an error, with fields as pairs of name and text."""
    inner = ''.join('<%s>%s</%s>' % (name, escape(text), name) for name, text in fields)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>%s</Code><Message>%s</Message>'
            '%s%s</Error>' % (code, escape(message), inner, tail))


AWS_TAIL = '<RequestId>7QZ0FAKE1REQ2ID3</RequestId><HostId>fakeHostId=</HostId>'


def aws(status, code, message, *fields):
    return http(status, error(code, message, *fields, tail=AWS_TAIL))


def aws_mismatch(presigned, method='GET', headers=(), url=None):
    """The response of Amazon S3 to a signature that does not match."""
    canonical, text = arrived(url or presigned.url, method, headers)

    def octets(value):
        return ' '.join('%02x' % byte for byte in value.encode())
    return aws('403 Forbidden', 'SignatureDoesNotMatch', MISMATCH,
               ('AWSAccessKeyId', presigned.env['AWS_ACCESS_KEY_ID']), ('StringToSign', text),
               ('SignatureProvided', presigned.signature), ('StringToSignBytes', octets(text)),
               ('CanonicalRequest', canonical), ('CanonicalRequestBytes', octets(canonical)))


def minio(code, message, bucket, key, status='403 Forbidden', resource=None):
    return http(status, error(
        code, message, ('Key', key), ('BucketName', bucket),
        ('Resource', resource or '/%s/%s' % (bucket, key)), ('RequestId', '171E90FAKE000001'),
        ('HostId', 'dd9025bab4ad464b049177c95eb6ebf3')))


def case(kind, source, situation, presigned, response, method=None, headers=(), options=(),
         env=None, at=AT, new=None, **modes):
    """Adds a case. A mode is `(codes of the first finding or None, other expectations)`."""
    number = 1 + sum(known['kind'] == kind for known in CASES)
    url = presigned.url if isinstance(presigned, Presigned) else presigned
    env = env or (presigned.env if isinstance(presigned, Presigned) else {
        'AWS_ACCESS_KEY_ID': KEY, 'AWS_SECRET_ACCESS_KEY': SECRET})
    record = {'id': 'report-%s-%d' % (kind, number), 'kind': kind, 'source': source,
              'situation': situation, 'url': url, 'method': method, 'headers': list(headers),
              'response': response, 'status': None, 'env': env, 'at': at, 'modes': {}}
    for letters, (first, others) in modes.items():
        for mode in letters:
            want = {'first': first} if first else {}
            want.update(others)
            want.setdefault('exit', 1)
            record['modes'][mode] = want
    record['modes'] = dict(sorted(record['modes'].items()))
    if options:
        record['options'] = list(options)
    if new:
        record['new'] = new
    CASES.append(record)


OK_B = (['ok'], {'exit': 0})
OPEN_D = (['signature-not-checked'], {'exit': 0})
PERMISSIONS = ['rights of the access key', 'permissions of the access key']


def said(*texts, **more):
    """Expectations for a refusal whose reason the store states itself."""
    return dict({'not_certain': SECRETS, 'must_say': list(texts)}, **more)


def reason(*texts, **more):
    """The same for a reason that is not a permission."""
    return said(*texts, must_not_say=PERMISSIONS, **more)


# --- text of the query and of the key -----------------------------------------------------------

def encoding():
    host = 'play.fake.example:9000'
    name = 'attachment; filename="qwe!w.png";'
    raw = [('response-content-disposition', encoded(name).replace('%21', '!'))]
    link = Presigned(host, '/pics/qwew.png', signed_extra=raw, url_extra=raw)
    case('query-not-encoded', 'minio/minio-js#1040',
         'A `!` in a file name was signed and written unencoded; MinIO encodes it.',
         link, minio('SignatureDoesNotMatch', MISMATCH, 'pics', 'qwew.png'),
         AB=(['query-not-encoded'], {'not_certain': SECRETS}),
         C=(None, {'not_certain': SECRETS + ['proxy-rewrote-host', 'wrong-method']}))

    name = "attachment; filename=\"qwew.png\"; filename*=UTF-8''qwew.png;"
    raw = [('response-content-disposition',
            encoded(name).replace('%2A', '*').replace('%27', "'"))]
    link = Presigned(host, '/pics/qwew.png', signed_extra=raw, url_extra=raw)
    case('query-not-encoded', 'minio/minio-js#1040',
         'A `*` and quotes were signed and written unencoded, as encodeURIComponent leaves them.',
         link, minio('SignatureDoesNotMatch', MISMATCH, 'pics', 'qwew.png'),
         AB=(['query-not-encoded'], {'not_certain': SECRETS}))

    name = 'attachment; filename="a+b.png"'
    plus = [('response-content-disposition', encoded(name).replace('%2B', '+'))]
    link = Presigned('storage.googleapis.com', '/assets-fake/u/a', 'auto', key=GOOGLE,
                     extra=[('response-content-disposition', name)], url_extra=plus)
    case('plus-in-query', 'viur-framework/viur-core#1697',
         'A `+` was signed as %2B and written raw; the store reads it as a space.', link,
         http('403 Forbidden', error('SignatureDoesNotMatch', 'Access denied.', (
             'Details', MISMATCH.replace('your key', 'your Google secret key')))),
         AB=(['query-not-encoded', 'query-parameter-changed', 'plus-for-space'],
             {'not_certain': SECRETS, 'not_first': SECRETS}))

    link = Presigned('reports-fake.s3.us-west-2.amazonaws.com', '/my file.pdf', 'us-west-2',
                     signed_path='/my+file.pdf')
    link.url = link.url.replace('/my%20file.pdf', '/my+file.pdf')
    case('plus-in-key', 'pcorliss/s3-expiry#2',
         'The signer encoded the space of a key as `+`, in the path and in what it hashed.',
         link, '<Error>\n<Code>SignatureDoesNotMatch</Code>\n<Message>\n%s\n</Message>\n....\n'
         '....\n</Error>' % MISMATCH,
         AB=(['plus-for-space', 'path-not-encoded'], {'not_certain': SECRETS}))

    link = Presigned('in-fake.s3.us-east-1.amazonaws.com', '/1.jpg', method='PUT',
                     key=TEMPORARY_KEY, token=TOKEN)
    link.url = link.url.replace(encoded(TOKEN), TOKEN)
    case('token-raw', 'ex-aws/ex_aws#228',
         'The session token is in the URL unencoded, so the store reads its `+` as spaces.',
         link, aws('400 Bad Request', 'InvalidToken',
                   'The provided token is malformed or otherwise invalid.',
                   ('Token-0', TOKEN.replace('+', ' '))), 'PUT',
         AB=(['query-not-encoded', 'token-invalid', 'plus-for-space', 'query-parameter-changed'],
             {'not_certain': SECRETS}),
         CD=(['query-not-encoded', 'token-invalid', 'plus-for-space'], {'not_certain': SECRETS}))

    link = Presigned('school-fake.s3.ap-south-1.amazonaws.com', '/up/Race.jpg', 'ap-south-1',
                     extra=[('X-Amz-Content-Sha256', UNSIGNED)], expires='604800')
    link.url = link.url.replace('%2F', '%252F')
    case('percent-encoded-twice', 'dsgriffin/ionic-3-file-transfer-example#20',
         'The URL was passed through encodeURI; the response was copied from a console that '
         'prints an arrow for each line end.', link,
         'body: "<?xml version="1.0" encoding="UTF-8"?>\u21b5<Error><Code>'
         'AuthorizationQueryParametersError</Code><Message>Error parsing the X-Amz-Credential '
         'parameter; the Credential is mal-formed; expecting "&lt;YOUR-AKID&gt;/YYYYMMDD/REGION/'
         'SERVICE/aws4_request".</Message><RequestId>7QZ0FAKE1REQ2ID3</RequestId><HostId>'
         'fakeHostId=</HostId></Error>"\ncode:3\nexception:null\nhttp_status:400',
         ABCD=(['percent-encoded-twice'], {'not_certain': SECRETS}))

    link = Presigned('bkt-fake.s3.eu-west-1.amazonaws.com', '/v/a.csv', 'eu-west-1')
    link.url += '&param=value'
    case('parameter-appended', 'aws/aws-sdk-java-v2#3689',
         'A parameter of the application was appended to the URL after signing.',
         link, aws_mismatch(link),
         AB=(['query-parameter-added'], {'not_certain': SECRETS, 'must_say': ['param']}),
         C=(None, {'not_certain': SECRETS + ['proxy-rewrote-host']}))


# --- host and path ------------------------------------------------------------------------------

def place():
    token = ('eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3OTYwMzgwMDB9.ZmFrZS1zaWduYXR1cmU')
    link = Presigned('192.168.176.2:9000', '/test/b46.jpg', key='FAKE1VXUG0OD0YBCXA00',
                     token=token, expires='604800', scheme='http')
    link.url = link.url.replace('192.168.176.2:9000', 'localhost:9000')
    case('container-host', 'minio/minio#15876',
         'The address of a container was replaced by localhost; the endpoint that was signed is '
         'given.', link, minio('SignatureDoesNotMatch', MISMATCH, 'test', 'b46.jpg'),
         options=['--endpoint', 'http://192.168.176.2:9000'],
         AB=(['wrong-host'], {'not_certain': SECRETS, 'certain': True}))

    link = Presigned('minio:9000', '/images/cat.png', key='fakeaccess', scheme='http')
    link.url = link.url.replace('minio:9000', 'localhost:9000')
    case('container-host', 'minio/minio#11826',
         'The name of a container was replaced by localhost; nothing says what was signed.',
         link, minio('SignatureDoesNotMatch', MISMATCH, 'images', 'cat.png'),
         AB=(None, {'not_certain': SECRETS, 'must_say': [['--endpoint', 'wrong-host']]}),
         D=OPEN_D)

    link = Presigned('172.17.0.2:9000', '/box/a.bin', method='PUT', key='fakeaccess',
                     scheme='http')
    link.url = link.url.replace('http://172.17.0.2:9000', 'https://s3.fake.example')
    case('container-host', 'minio/minio-go#1046',
         'The address of a container was replaced by a public name; the endpoint is given.',
         link, minio('SignatureDoesNotMatch', MISMATCH, 'box', 'a.bin'), 'PUT',
         options=['--endpoint', 'http://172.17.0.2:9000'],
         AB=(['wrong-host'], {'not_certain': SECRETS, 'certain': True}))

    link = Presigned('test.fake.example:80', '/test/123123', method='PUT', key='fakeaccess',
                     signed_host='test.fake.example')
    case('port-of-other-scheme', 'minio/minio-java#680',
         'HTTPS on port 80: the signer left the port out, and clients send it.',
         link, minio('SignatureDoesNotMatch', MISMATCH, 'test', '123123'), 'PUT',
         AB=(['port-in-host', 'wrong-host'], {'not_certain': SECRETS, 'certain': True}))

    link = Presigned('files-fake.cdn.example', '/up/a.png', 'cn-fake',
                     signed_path='/files-fake/up/a.png')
    case('bucket-left-out', 'chaitin/MonkeyCode#1212',
         'Path style was signed; the bucket was left out of the URL because the host begins '
         'with its name.', link, http('403 Forbidden', error(
             'SignatureDoesNotMatch', MISMATCH, ('RequestId', '655FAKE'),
             ('HostId', 'files-fake.cdn.example'), ('EC', '0002-00000040'))),
         AB=(['wrong-addressing', 'key-changed', '*new*'],
             {'not_certain': SECRETS, 'not_first': SECRETS}))

    link = Presigned('oss-cn-shanghai.aliyuncs.com', '/shlab-fake/dummy', 'oss-cn-shanghai',
                     key='LTAI5tFakeFake')
    case('path-style-refused', 'treeverse/lakeFS#3613', 'OSS takes no path style.', link,
         http('403 Forbidden', '<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>'
              'SecondLevelDomainForbidden</Code>\n  <Message>Please use virtual hosted style to '
              'access.</Message>\n  <RequestId>62C3FAKE</RequestId>\n  <HostId>'
              'oss-cn-shanghai.aliyuncs.com</HostId>\n</Error>\n'),
         AC=(['wrong-addressing', '*new*'],
             reason('Please use virtual hosted style to access.')))

    link = Presigned('cos.ap-guangzhou.myqcloud.com', '/box-1250000000/test.txt', 'ap-guangzhou',
                     key='AKIDfakefakefake')
    case('path-style-refused', 'gobackup/gobackup#268',
         'Tencent COS takes no path style for newer buckets.', link,
         http('403 Forbidden', '<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n    <Code>'
              'PathStyleDomainForbidden</Code>\n    <Message>The bucket you are attempting to '
              'access must be addressed using COS virtual-styled domain.</Message>\n</Error>\n'),
         AC=(['wrong-addressing', '*new*'],
             reason('must be addressed using COS virtual-styled domain')))

    link = Presigned('obs.cn-south-1.myhuaweicloud.com', '/kb-fake/a/b.pdf', 'cn-south-1',
                     method='PUT')
    case('path-style-refused', 'Tencent/WeKnora#3269',
         'OBS returns 404 NoSuchKey for path style, even for an upload.', link,
         http('404 Not Found', error('NoSuchKey', 'The specified key does not exist.',
                                     ('RequestId', '0000FAKE'), ('HostId', 'fake'))), 'PUT',
         AC=(['wrong-addressing', 'no-such-key'], said('NoSuchKey')))

    link = Presigned('box-fake.s3-accelerate.amazonaws.com', '/my-file.mp3', 'ap-southeast-2')
    case('acceleration-off', 'boto/boto3#2042',
         'The configuration of the SDK asks for the accelerate host; the bucket does not have it.',
         link, aws('400 Bad Request', 'InvalidRequest',
                   'S3 Transfer Acceleration is not configured on this bucket'),
         AC=(['*new*', 'wrong-host'],
             reason('S3 Transfer Acceleration is not configured on this bucket')), B=OK_B)

    link = Presigned('tta-fake.s3.us-gov-west-1.amazonaws.com', '/f/1.pdf')
    case('region-of-partition', 'HHS/Head-Start-TTADP#370',
         'The default region was signed at a host of GovCloud; the response was copied from a '
         'browser.', link, '<Error>\n<Code>AuthorizationQueryParametersError</Code>\n<Message>\n'
         "Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; "
         "expecting 'us-gov-west-1'\n</Message>\n<Region>us-gov-west-1</Region>\n<RequestId>"
         '7QZ0FAKE1REQ2ID3</RequestId>\n<HostId>\nfakeHostId=\n</HostId>\n</Error>',
         ABCD=(['wrong-region'], {'not_certain': SECRETS, 'must_say': ['us-gov-west-1']}))

    link = Presigned('localhost:9000', '/tunes/file.mp3', method='PUT', key='fakeaccess',
                     expires='60', scheme='https')
    case('scheme', 'minio/minio-js#727',
         'HTTPS at a server that speaks plain HTTP; the error of the client was saved.', link,
         '{ Error: write EPROTO 140532343682880:error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO'
         ":unknown protocol:../deps/openssl/openssl/ssl/s23_clnt.c:827:\n\n    errno: 'EPROTO', "
         "code: 'EPROTO', syscall: 'write' }", 'PUT',
         AC=(['tls-trouble', 'unreachable', '*new*'],
             {'not_certain': SECRETS + ['ok', 'access-denied'], 'not_first': ['ok']}),
         at='2026-11-30T07:40:30Z')
    link = Presigned('localhost:4566', '/dl-fake/a.zip', key='test', scheme='https')
    case('scheme', 'ministackorg/ministack#1079',
         'HTTPS at a server that speaks plain HTTP; the error of the browser was saved.', link,
         'This site can\u2019t provide a secure connection\nlocalhost sent an invalid response.\n'
         'ERR_SSL_PROTOCOL_ERROR\n',
         AC=(['tls-trouble', 'unreachable', '*new*'],
             {'not_certain': SECRETS + ['ok', 'access-denied'], 'not_first': ['ok']}))
    link = Presigned('minio.fake.example:9000', '/box/a.txt', key='fakeaccess', scheme='http')
    case('scheme', None, 'Plain HTTP at a port that speaks TLS.', link,
         http('400 Bad Request', 'Client sent an HTTP request to an HTTPS server.\n',
              'text/plain; charset=utf-8'),
         AC=(['tls-trouble', 'not-a-store-answer', 'wrong-host', '*new*'],
             {'not_certain': SECRETS, 'not_first': ['ok'], 'must_say': ['https']}))


def more_places():
    link = Presigned('box.fs.fake.example', '/a.png', key='fakeaccess', scheme='http')
    case('virtual-host-unknown', 'rustfs/rustfs#836',
         'The server does not know its own domain, so it takes the key for a bucket.', link,
         '<Error>\n<Code>NoSuchBucket</Code>\n<Message>Volume not found</Message>\n</Error>',
         AC=(['no-such-bucket', 'wrong-addressing'], reason('Volume not found')), B=OK_B)

    name = 'Let\u00edcia_regi\u00e3o.pdf'
    link = Presigned('scans-fake.s3.us-east-1.amazonaws.com', '/' + name)
    case('unicode-form', 'aws/aws-sdk-js#2373',
         'The object was stored with decomposed accents, and the URL has composed ones.', link,
         aws('404 Not Found', 'NoSuchKey', 'The specified key does not exist.', ('Key', name)),
         AC=(['unicode-normalization', 'no-such-key'],
             {'not_certain': SECRETS,
              'must_say': [['normaliz', 'NFD', 'decomposed', 'unicode']]}), B=OK_B)

    page = ('<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title>'
            '</head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>The plain '
            'HTTP request was sent to HTTPS port</center>\r\n<hr><center>nginx</center>\r\n</body>'
            '\r\n</html>\r\n')
    link = Presigned('s3.fake.example:443', '/box/a', key='fakeaccess', scheme='http')
    case('scheme', None, 'Plain HTTP at the HTTPS port of nginx.', link,
         http('400 Bad Request', page, 'text/html'),
         AC=(['tls-trouble', 'not-a-store-answer', 'wrong-host', '*new*'],
             {'not_certain': SECRETS, 'must_say': ['HTTPS port'],
              'not_first': ['ok', 'access-denied']}))
    link = Presigned('s3.fake.example', '/box/a', key='fakeaccess')
    case('proxy-without-route', None, 'Traefik has no route for the host of the URL.', link,
         http('404 Not Found', '404 page not found\n', 'text/plain; charset=utf-8'),
         AC=(['not-a-store-answer', 'wrong-host', '*new*'],
             {'not_certain': SECRETS, 'not_first': ['no-such-key', 'no-such-bucket', 'ok'],
              'must_say': ['404 page not found']}))


# --- headers ------------------------------------------------------------------------------------

def header():
    plain = 'There were headers present in the request which were not signed'
    link = Presigned('s3.eu-west-1.amazonaws.com', '/bkt-fake/key', 'eu-west-1', expires='600',
                     signed_headers='')
    case('host-not-signed', 'brendanhay/amazonka#272',
         'The list of signed headers is empty.', link,
         aws('403 Forbidden', 'AccessDenied', plain, ('HeadersNotSigned', 'host')),
         ABCD=(['signed-headers-malformed', 'header-not-signed'], {'not_certain': SECRETS}))

    link = Presigned('in-fake.s3.amazonaws.com', '/doc.pdf', method='PUT', expires='1799',
                     headers={'content-type': 'application/pdf'})
    link.url = link.url.replace('content-type%3Bhost', 'content-type%253Bhost')
    case('host-not-signed', 'aws/aws-sdk-java#1680',
         'The list of signed headers was encoded once more, so the store finds no `host` in it.',
         link, aws('403 Forbidden', 'AccessDenied', plain, ('HeadersNotSigned', 'host')), 'PUT',
         ['Content-Type: application/pdf'],
         ABCD=(['percent-encoded-twice', 'signed-headers-malformed'], {'not_certain': SECRETS}))

    link = Presigned('yourbucket-fake.s3.us-west-1.amazonaws.com', '/somefile', 'us-west-1',
                     method='PUT', extra=[('x-amz-acl', 'public-read')])
    body = ('<Error>\n  <Code>\n    AccessDenied\n  </Code>\n  <Message>\n    %s\n  </Message>\n'
            '  <HeadersNotSigned>\n    x-amz-acl\n  </HeadersNotSigned>\n  <RequestId>\n    *snip*'
            '\n  </RequestId>\n</Error>' % plain)
    case('header-not-signed', 'ex-aws/ex_aws#335',
         'A component of the page adds x-amz-acl, which is signed in the query only; each value '
         'of the response is on a line of its own.', link, body, 'PUT',
         ['x-amz-acl: public-read'],
         AC=(['header-not-signed'], {'not_certain': SECRETS, 'must_say': ['x-amz-acl']}))

    names = ['x-amz-server-side-encryption-customer-' + part
             for part in ('algorithm', 'key', 'key-md5')]
    tabs = ', '.join(name.replace('side-', 'side&#11;-').replace('encryption-', 'encryption&#11;-')
                     for name in names)
    link = Presigned('vault-fake.s3.us-east-1.amazonaws.com', '/cat.jpg')
    body = ('<Error><Code>AccessDenied</Code><Message>%s</Message><HeadersNotSigned>%s'
            '</HeadersNotSigned>%s</Error>' % (plain, tabs, AWS_TAIL))
    case('header-not-signed', 'aws/aws-sdk-js#896',
         'Vertical tabs were pasted into header names; the response shows them as character '
         'references.', link, body,
         AC=(['header-not-signed'], {'not_certain': SECRETS, 'must_say': ['customer-algorithm']}))

    link = Presigned('vault-fake.s3.eu-west-3.amazonaws.com', '/f.bin', 'eu-west-3',
                     extra=[('x-id', 'GetObject')])
    body = ('\n<Error>\n<Code>\nAccessDenied\n</Code>\n<Message>\n%s\n</Message>\n'
            '<HeadersNotSigned>\nx-amz-server-side-encryption\n</HeadersNotSigned>\n<RequestId>\n'
            '7QZ0FAKE1REQ2ID3\n</RequestId>\n<HostId>\nfakeHostId=\n</HostId>\n</Error>' % plain)
    case('header-not-signed', 'aws/aws-sdk-js-v3#6978',
         'A download adds an encryption header that is not signed.', link, body, None,
         ['x-amz-server-side-encryption: AES256'],
         AC=(['header-not-signed'],
             {'not_certain': SECRETS, 'must_say': ['x-amz-server-side-encryption']}))

    link = Presigned('up-fake.s3.eu-west-1.amazonaws.com', '/u/1', 'eu-west-1', method='PUT',
                     headers={'content-disposition': 'attachment', 'x-amz-acl': 'public-read',
                              'x-amz-server-side-encryption': 'AES256'}, expires='1800')
    sent = ['x-amz-acl: public-read', 'x-amz-server-side-encryption: AES256']
    case('signed-header-missing', 'aws/aws-sdk-js#1804',
         'Content-Disposition was signed for an upload, and the client does not send it.', link,
         aws_mismatch(link, 'PUT', sent), 'PUT', sent,
         ABCD=(['signed-header-missing'],
               {'not_certain': SECRETS, 'must_say': ['content-disposition']}))

    link = Presigned('my-fake.s3.eu-central-1.amazonaws.com', '/k', 'eu-central-1', method='PUT',
                     headers={'x-amz-acl': 'public-read'})
    case('signed-header-missing', 'aws/aws-sdk-java-v2#1742',
         'An ACL was signed, and the client does not send it.', link,
         aws_mismatch(link, 'PUT', []), 'PUT',
         ABCD=(['signed-header-missing'], {'not_certain': SECRETS, 'must_say': ['x-amz-acl']}))

    link = Presigned('img-fake.s3.ap-northeast-2.amazonaws.com', '/a.png', 'ap-northeast-2',
                     method='PUT', headers={'content-length': '1024', 'content-type': 'image/png'})
    sent = ['Content-Length: 2048', 'Content-Type: image/png']
    case('content-length-signed', 'HALO-UMC/HALO-SERVER#270',
         'The length was signed, and the file has another one.', link,
         aws_mismatch(link, 'PUT', sent), 'PUT', sent,
         AB=(None, {'not_certain': SECRETS, 'must_say': ['content-length']}))

    source = [('x-amz-copy-source', 'db-fake/a.json'), ('x-id', 'CopyObject')]
    link = Presigned('db-fake2.s3.ca-central-1.amazonaws.com', '/b.json', 'ca-central-1',
                     method='PUT', extra=source, expires='43200')
    case('header-not-signed', 'aws/aws-sdk-js-v3#3283',
         'The source of a copy is signed in the query, and has to be a header.', link,
         aws('403 Forbidden', 'AccessDenied', plain, ('HeadersNotSigned', 'x-amz-copy-source')),
         'PUT', ['x-amz-copy-source: db-fake/a.json'],
         AC=(['header-not-signed'], {'not_certain': SECRETS, 'must_say': ['x-amz-copy-source']}))

    md5 = ('Content-MD5 OR x-amz-checksum- HTTP header is required for Put %s requests with '
           'Object Lock parameters')
    link = Presigned('worm-fake.s3.us-east-1.amazonaws.com', '/obj', method='PUT',
                     headers={'x-amz-object-lock-legal-hold': 'ON'})
    case('checksum-required', 'versity/versitygw#1776',
         'An upload with a legal hold needs Content-MD5 or a checksum.', link,
         aws('400 Bad Request', 'InvalidRequest', md5 % 'Object'), 'PUT',
         ['x-amz-object-lock-legal-hold: ON'],
         AC=(['*new*'], reason('Content-MD5', 'Object Lock')), B=OK_B)
    link = Presigned('worm-fake.s3.us-east-1.amazonaws.com', '/big.bin', method='PUT',
                     extra=[('partNumber', '1'), ('uploadId', 'fakeUploadId')])
    case('checksum-required', 's3tools/s3cmd#1436',
         'A part of an upload to a bucket with Object Lock needs Content-MD5 or a checksum.', link,
         aws('400 Bad Request', 'InvalidRequest', md5 % 'Part'), 'PUT',
         AC=(['*new*'], reason('Content-MD5', 'Object Lock')), B=OK_B)

    sha = base64.b64encode(hashlib.sha256(b'part').digest()).decode()
    link = Presigned('box-fake.s3.us-east-2.amazonaws.com', '/big.bin', 'us-east-2', method='PUT',
                     extra=[('partNumber', '1'), ('uploadId', 'fakeUploadId')],
                     headers={'x-amz-checksum-sha256': sha})
    text = ('Checksum Type mismatch occurred, expected checksum Type: null, actual checksum Type: '
            'sha256')
    case('checksum-of-parts', 'apache/arrow-rs#6793',
         'A part is sent with a checksum, and the upload was created without one.', link,
         aws('400 Bad Request', 'InvalidRequest', text), 'PUT', ['x-amz-checksum-sha256: ' + sha],
         AC=(['*new*', 'unexplained'], reason(text)), B=OK_B)
    link = Presigned('box-fake.s3.us-east-2.amazonaws.com', '/big.bin', 'us-east-2', method='POST',
                     extra=[('uploadId', 'fakeUploadId')])
    text = ('The upload was created using a crc32c checksum. The complete request must include the '
            'checksum for each part. It was missing for part 1 in the request.')
    case('checksum-of-parts', 'apache/opendal#4580',
         'The request that completes an upload lacks the checksums of its parts.', link,
         aws('400 Bad Request', 'InvalidRequest', text), 'POST',
         AC=(['*new*', 'unexplained'], reason(text)), B=OK_B)

    empty = [('x-amz-checksum-crc32', 'AAAAAA=='), ('x-amz-sdk-checksum-algorithm', 'CRC32')]
    link = Presigned('s3.fake.example', '/bucket/1', method='PUT', extra=empty,
                     key='fakeaccess')
    case('checksum-of-empty-body', 'seaweedfs/seaweedfs#10216',
         'A newer SDK signs the CRC32 of an empty body; SeaweedFS compares it.', link,
         http('400 Bad Request', error(
             'BadDigest', 'The Content-Md5 you specified did not match what we received.',
             ('Resource', '/bucket/1'), ('RequestId', '1796FAKE'))), 'PUT',
         ABCD=(['checksum-of-empty-body'], {'not_certain': SECRETS}))
    link = Presigned('garage.fake.example', '/att-fake/a.png', 'garage', method='PUT', extra=empty,
                     key='GK0fake000000000000000001')
    case('checksum-of-empty-body', 'usekaneo/kaneo#1196',
         'A newer SDK signs the CRC32 of an empty body; Garage returns InvalidDigest.', link,
         http('400 Bad Request', error(
             'InvalidDigest', 'Invalid digest: Failed to validate checksum',
             ('Resource', '/att-fake/a.png'), ('Region', 'garage'))), 'PUT',
         AC=(['checksum-of-empty-body'], {'not_certain': SECRETS}))
    link = Presigned('s3.localhost.localstack.cloud:4566', '/box/a', method='PUT', extra=empty,
                     key='test', secret='test', scheme='http')
    text = 'Value for x-amz-checksum-crc32 header is invalid.'
    case('checksum-of-empty-body', 'localstack/localstack#12169',
         'The same at LocalStack, which calls the value invalid.', link,
         http('400 Bad Request', error('InvalidRequest', text, ('RequestId', 'fake-0000'))), 'PUT',
         AC=(['checksum-of-empty-body'], said(text)))


# --- keys and tokens ----------------------------------------------------------------------------

def keys():
    link = Presigned('long-fake.s3.eu-west-1.amazonaws.com', '/report.csv', 'eu-west-1',
                     key=TEMPORARY_KEY, token=TOKEN, expires='604800')
    case('token-expired', 'boto/boto3#2392',
         'A URL for seven days was signed by a role whose session has ended.', link,
         '<Error>\n<Code>ExpiredToken</Code>\n<Message>The provided token has expired.</Message>\n'
         '</Error>', at='2026-12-01T09:00:00Z',
         AC=(['token-expired'], {'not_certain': SECRETS + ['expired']}))

    def version_2(host, path, resource, key, extra='', expires='1803801600'):
        text = '\n'.join(['GET', '', '', expires, resource])
        digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).digest()
        return 'https://%s%s?AWSAccessKeyId=%s&Expires=%s&Signature=%s%s' % (
            host, path, key, expires, encoded(base64.b64encode(digest).decode()), extra)
    url = version_2('dl-fake.s3.ap-southeast-2.amazonaws.com', '/a.zip',
                    'x-amz-security-token:%s\n/dl-fake/a.zip' % TOKEN, TEMPORARY_KEY,
                    '&x-amz-security-token=' + encoded(TOKEN))
    case('token-expired', 'aws/aws-sdk-js#1099',
         'A version 2 URL for 90 days was signed by a role whose session has ended.', url,
         '<Error>\n<Code>ExpiredToken</Code>\n<Message>The provided token has expired.</Message>\n'
         '</Error>', env={'AWS_ACCESS_KEY_ID': TEMPORARY_KEY, 'AWS_SECRET_ACCESS_KEY': SECRET,
                          'AWS_SESSION_TOKEN': TOKEN},
         AC=(['token-expired', 'signature-version-2'],
             {'not_certain': SECRETS + ['expired'], 'must_say': ['token']}))
    url = version_2('minio.fake.example:9500', '/bucket/1.png', '/bucket/1.png?response-content-'
                    'disposition=inline; filename="Screen Shot.png"', 'AKIAFAKEFAKEFAKE0001',
                    '&response-content-disposition=inline%3B+filename%3D%22Screen+Shot.png%22')
    case('version-2', 'minio/minio#3547',
         'A version 2 URL with a file name; the signature does not match at MinIO.', url,
         minio('SignatureDoesNotMatch', MISMATCH, 'bucket', '1.png'),
         ABCD=(['signature-version-2'], {'not_certain': SECRETS}))

    unknown = 'The AWS Access Key Id you provided does not exist in our records.'
    link = Presigned('stage-fake.s3.amazonaws.com', '/t/1.tif', method='PUT', key=TEMPORARY_KEY)
    case('token-left-out', 'raster-foundry/raster-foundry#289',
         'Temporary keys signed the URL without their session token.', link,
         aws('403 Forbidden', 'InvalidAccessKeyId', unknown, ('AWSAccessKeyId', TEMPORARY_KEY)),
         'PUT', ABCD=(['token-missing'], {'not_certain': SECRETS}))

    link = Presigned('art-fake.s3.ap-northeast-1.amazonaws.com', '/build.zip', 'ap-northeast-1')
    link.url = link.url.replace(KEY, '***')
    case('masked-key', 'hkusu/s3-upload-action#11',
         'The log of a build replaced the access key ID in the URL by `***`.', link,
         '<Error>\n    <Code>InvalidAccessKeyId</Code>\n    <Message>\n    %s\n    </Message>\n'
         '    <AWSAccessKeyId>***</AWSAccessKeyId>\n    ...\n</Error>' % unknown,
         ABC=(['*new*', 'wrong-access-key'], {'not_certain': SECRETS, 'must_say': ['***']}),
         D=(['*new*', 'wrong-access-key', 'scope-malformed', 'url-truncated'],
            {'must_say': ['***']}))

    def r2(presigned_key, length, source, situation):
        link = Presigned(R2_HOST, '/box/a.png', 'auto', key=presigned_key)
        link.env['AWS_ACCESS_KEY_ID'] = R2_KEY
        text = 'Credential access key has length %d, should be 32' % length
        case('key-of-another-kind', source, situation, link,
             http('400 Bad Request', error('InvalidArgument', text)),
             AC=(['wrong-access-key', '*new*'], reason(text)))
    r2(hashlib.sha256(b'fake').hexdigest(), 64, 'cloudflare/cloudflare-docs#9557',
       'The secret stands where the access key ID belongs; R2.')
    r2('fakeApiToken_' + 'f' * 27, 40, 'medusajs/medusa#10497',
       'An API token stands where the access key ID belongs; R2.')

    link = Presigned('s3.us-west-004.backblazeb2.com', '/videos-fake/a.mp4', 'us-west-004',
                     method='PUT', key='fa4e0123abcd')
    case('key-of-another-kind', 'muxinc/next-video#216',
         'The master key of the account signed, which the S3 API of B2 does not take.', link,
         http('403 ', error('InvalidAccessKeyId', 'Malformed Access Key Id')), 'PUT',
         AC=(['wrong-access-key', '*new*'], reason('Malformed Access Key Id')))
    link = Presigned('s3.us-west-002.backblazeb2.com', '/box-fake/a', 'us-west-002',
                     key='000fake0000000000000000001')
    text = "The key '000fake0000000000000000001' is not valid"
    case('key-of-another-kind', 'peak/s5cmd#269',
         'The key belongs to another cluster of B2 (its number leads the key id).', link,
         http('403 ', error('InvalidAccessKeyId', text)),
         AC=(['wrong-access-key', 'wrong-host', 'wrong-region', '*new*'], reason(text)), B=OK_B)

    link = Presigned('play.fake.example:9000', '/box/a', key='fakeaccess',
                     credential=encoded('fakeaccess/20261130/us-east-1/aws4_request'))
    case('scope-short', 'minio/minio#2383', 'A field of the scope is missing.', link,
         minio('AuthorizationQueryParametersError', 'Error parsing the X-Amz-Credential parameter; '
               'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/'
               'aws4_request".', 'box', 'a', '400 Bad Request'),
         ABCD=(['scope-malformed'], {'not_certain': SECRETS}))

    link = Presigned(R2_HOST, '/box/old.png', 'auto', key=R2_KEY, expires='600')
    case('expired', 'cloudflare/cloudflare-docs#32436',
         'R2 has a code of its own for a URL that has expired.', link,
         http('403 Forbidden', error('ExpiredRequest', 'Request has expired'), time='08:44:00'),
         at='2026-11-30T08:45:00Z', ABCD=(['expired'], {'not_certain': SECRETS}))


def clocks():
    link = Presigned('hs-fake.s3.amazonaws.com', '/a', time='20261201T130000Z')
    case('not-yet-valid', 'dmjio/s3-signer#16',
         'The clock of the signer is a day ahead; the store prints the date in milliseconds.',
         link, '<Error>\n<Code>AccessDenied</Code>\n<Message>Request is not yet valid</Message>\n'
         '<X-Amz-Date>1796130000000</X-Amz-Date>\n<Expires>2026-12-01T14:00:00Z</Expires>\n'
         '<ServerTime>2026-11-30T07:44:35Z</ServerTime>\n<RequestId>7QZ0FAKE1REQ2ID3</RequestId>\n'
         '</Error>', ABCD=(['not-yet-valid', 'clock-skew'], {'not_certain': SECRETS}))

    link = Presigned('s3proxy.fake.example', '/box/a.zip', 'eu-central-1', expires='604800',
                     scheme='http')
    text = error('RequestTimeTooSkewed', 'Forbidden', ('RequestId', '4442587FB7D0A2F9'))
    case('skew-of-a-valid-url', 'gaul/s3proxy#648',
         'The server applies 15 minutes to a URL that is valid for seven days.', link,
         http('403 Forbidden', text, time='12:51:45'), at='2026-11-30T12:52:00Z',
         AC=(None, {'not_certain': ['clock-skew', 'expired', 'not-yet-valid'] + SECRETS,
                    'must_say': ['RequestTimeTooSkewed']}), B=OK_B)


# --- permissions --------------------------------------------------------------------------------

def permissions():
    user = 'User: arn:aws:sts::000000000000:assumed-role/flow/fake is not authorized to perform: '
    link = Presigned('dump-fake.s3.us-west-2.amazonaws.com', '/out.tar', 'us-west-2')
    text = (user + 's3:GetObject on resource: "arn:aws:s3:::dump-fake/out.tar" with an explicit '
            'deny in an identity-based policy')
    case('explicit-deny', 'Panfactum/stack#190',
         'A policy of the signer denies every address outside a list.', link,
         aws('403 Forbidden', 'AccessDenied', text),
         AC=(['access-denied'], said('explicit deny in an identity-based policy')), B=OK_B,
         D=OPEN_D)
    link = Presigned('media-fake.s3.eu-west-1.amazonaws.com', '/seg/0001', 'eu-west-1',
                     extra=[('x-id', 'GetObject')])
    text = (user + 's3:ListBucket on resource: "arn:aws:s3:::media-fake" because no '
            'identity-based policy allows the s3:ListBucket action')
    case('missing-object', 'awslabs/time-addressable-media-store#7',
         'The object was never uploaded, and the signer may not list the bucket.', link,
         aws('403 Forbidden', 'AccessDenied', text),
         AC=(['access-denied', 'no-such-key'], said('s3:ListBucket')), B=OK_B)


# --- forms --------------------------------------------------------------------------------------

def forms():
    def form(source, situation, url, response, first, *texts, new=None):
        case('form', source, situation, url, response, 'POST', new=new,
             AC=(first, {'not_first': ['not-presigned', 'access-denied'],
                         'not_certain': ['not-presigned'] + SECRETS, 'must_say': list(texts),
                         'must_not_say': ['cos-presign get']}))
    bucket = 'https://form-fake.s3.amazonaws.com/'
    failed = ['policy-condition-failed', '*new*']
    text = 'Invalid according to Policy: Extra input fields: content-type'
    form('waynehoover/s3_direct_upload#54', 'A field of the form is not in the policy.', bucket,
         aws('403 Forbidden', 'AccessDenied', text), failed, text)
    text = 'Invalid according to Policy: Extra input fields: bucket'
    form('aws/aws-sdk-php#3292', 'The policy has no condition for the bucket.', bucket,
         aws('403 Forbidden', 'AccessDenied', text), failed, text)
    text = ("Bucket POST must contain a field named 'key'. If it is specified, please check the "
            'order of the fields.')
    form('nukulb/s3-angular-file-upload#1',
         'The form has no field `key`, since its inputs have an id in place of a name.', bucket,
         aws('400 Bad Request', 'InvalidArgument', text, ('ArgumentName', 'key'),
             ('ArgumentValue', '')), ['*new*'], text, new='form-malformed')
    form('nukulb/s3-angular-file-upload#1',
         'The same, and the response was copied from a page that shows no tags.', bucket,
         'InvalidArgument%skey7QZ0FAKE1REQ2ID3fakeHostId=' % text, ['*new*', 'unexplained'],
         "must contain a field named 'key'", new='form-malformed')
    text = ('Access Denied. (Each form field that you specify in a form (except Awsaccesskeyid, '
            'Signature) must appear in the list of conditions.)')
    form('minio/minio#17391', 'MinIO: a field of the form is not in the policy.',
         'https://minio.fake.example/photos-fake', http('403 Forbidden', error(
             'AccessDenied', text, ('BucketName', 'photos-fake'), ('Resource', '/photos-fake'),
             ('RequestId', '17C1FAKE'), ('HostId', 'fake'))), failed, text)
    text = 'Policy did not reference these fields: submit'
    form('googleapis/google-cloud-java#7292', 'Google: the submit button is a field of the form.',
         'https://storage.googleapis.com/form-fake/', http('400 Bad Request', error(
             'InvalidPolicyDocument', 'The content of the form does not meet the conditions '
             'specified in the policy document.', ('Details', text))), failed, text)


# --- other schemes ------------------------------------------------------------------------------

def schemes():
    google = 'https://storage.googleapis.com/photos-fake/a.jpg'
    account = 'signer%40fake-project.iam.gserviceaccount.com'
    signature = encoded(base64.b64encode(hashlib.sha512(b'a').digest() * 4).decode())
    text = 'Request has expired: 120'
    case('google-version-2', 'fog/fog-google#264',
         'A number of seconds was passed as the end time; Google returns ExpiredToken, though '
         'there is no token.',
         google + '?GoogleAccessId=%s&Expires=120&Signature=%s' % (account, signature),
         '<Error>\n<Code>ExpiredToken</Code>\n<Message>The provided token has expired.</Message>\n'
         '<Details>%s</Details>\n</Error>' % text,
         AC=(['gcs-signature', 'expired', '*new*'],
             {'not_certain': ['token-expired'] + SECRETS, 'must_say': [text]}),
         BD=(['gcs-signature', 'expired', '*new*'], {'not_certain': SECRETS}))
    raw = '?GoogleAccessId=%s&Expires=1796100000&Signature=%s' % (
        account, signature.replace('%2F', '/').replace('%2B', '+'))
    text = 'Signature was not base64 encoded'
    case('google-version-2', 'googleapis/nodejs-storage#704',
         'An editor decoded the URL when it was clicked.', google + raw, http(
             '400 Bad Request', error('MalformedSecurityHeader',
                                      'Your request has a malformed header.',
                                      ('ParameterName', 'signature'), ('Details', text))),
         AC=(['gcs-signature', 'query-not-encoded', '*new*'], reason(text)))
    text = ('Anonymous caller does not have storage.objects.get access to '
            'photos-fake/a.jpg')
    case('google-version-2', 'googleapis/google-cloud-go#1062',
         'A shell cut the URL at its first `&`; Google sees an anonymous request.',
         google + '?Expires=1796100000', http('403 Forbidden', error(
             'AccessDenied', 'Access denied.', ('Details', text))),
         AC=(['url-truncated', 'not-presigned', '*new*'],
             {'not_certain': ['access-denied'] + SECRETS, 'must_say': [text]}))
    case('google-version-2', 'jschneier/django-storages#1021',
         'The key that signed was rotated; the response has its string on one line.',
         google + '?GoogleAccessId=%s&Expires=1829488504&Signature=%s' % (account, signature),
         '<Error>\n<Code>SignatureDoesNotMatch</Code>\n<Message>%s</Message>\n<StringToSign>GET '
         '1829488504 /photos-fake/a.jpg</StringToSign>\n</Error>' % MISMATCH.replace(
             'your key', 'your Google secret key'),
         ABCD=(['gcs-signature'], {'not_certain': SECRETS}))
    text = 'Expires parameter is not a valid long value: NaN'
    case('google-version-2', 'googleapis/google-cloud-node#2689',
         'The end time is not a number.',
         google + '?GoogleAccessId=%s&Expires=NaN&Signature=%s' % (account, signature),
         "<?xml version='1.0' encoding='UTF-8'?>\n<Error>\n    <Code>InvalidArgument</Code>\n"
         '    <Message>Invalid argument.</Message>\n    <Details>%s</Details>\n</Error>' % text,
         AC=(['gcs-signature', 'expiry-malformed', '*new*'], reason(text)),
         BD=(['gcs-signature', 'expiry-malformed', '*new*'], {'not_certain': SECRETS}))

    azure = ('https://acctfake.blob.core.windows.net/docs/a.pdf?sv=2018-03-28&sr=b&sp=r'
             '&se=%s&sig=ZmFrZS1zaWduYXR1cmUtZmFrZQ%%3D%%3D')
    failed = ('Server failed to authenticate the request. Make sure the value of Authorization '
              'header is formed correctly including the signature.')
    case('azure', 'MicrosoftDocs/azure-docs#38057',
         'The signature of Azure does not match.', azure % '2026-12-04T07%3A16%3A34Z',
         '<Error>\n<Code>AuthenticationFailed</Code>\n<Message>\n%s RequestId:1ef2fake Time:'
         '2026-11-30T07:39:53.0582306Z\n</Message>\n<AuthenticationErrorDetail>\nSignature did not '
         'match. String to sign used was acctfake rcw b sco 2026-12-04T07:16:34Z https 2018-03-28\n'
         '</AuthenticationErrorDetail>\n</Error>' % failed,
         AC=(['azure-sas'], {'not_certain': SECRETS, 'must_say': ['Signature did not match']}),
         BD=(['azure-sas'], {'not_certain': SECRETS}))
    text = ('Signature not valid in the specified time frame: Start [Sun, 29 Nov 2026 10:11:03 GMT]'
            ' - Expiry [Sun, 29 Nov 2026 18:11:03 GMT] - Current [Mon, 30 Nov 2026 07:44:00 GMT]')
    case('azure', 'microsoft/AzureStorageExplorer#3219',
         'A signature of Azure that has expired; the response is in a JSON string.',
         azure % '2026-11-29T18%3A11%3A03Z', json.dumps([
             'RestError:<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed'
             '</Code><Message>%s\nRequestId:2c25fake\nTime:2026-11-30T07:44:00.8096444Z</Message>'
             '<AuthenticationErrorDetail>%s</AuthenticationErrorDetail></Error>' % (failed, text)]),
         AC=(['azure-sas', 'expired'], {'not_certain': SECRETS, 'must_say': [['expired', text]]}),
         BD=(['azure-sas', 'expired'], {'not_certain': SECRETS}))

    url = 'https://pics-fake.oss-cn-beijing.aliyuncs.com/a.jpg?'
    want = {'not_certain': ['not-presigned', 'signature-version-2'] + SECRETS,
            'must_say': ['OSS']}
    case('oss-signature', None, 'A URL with the first signature of OSS, expired.',
         url + 'OSSAccessKeyId=LTAI5tFakeFake&Expires=1796020000&Signature=ZmFrZQ%3D%3D',
         http('403 Forbidden', error(
             'AccessDenied', 'Request has expired.', ('RequestId', '655FAKE'),
             ('HostId', 'pics-fake.oss-cn-beijing.aliyuncs.com'),
             ('Expires', '2026-11-30T06:26:40.000Z'), ('ServerTime', '2026-11-30T07:44:00.000Z'),
             ('EC', '0002-00000069'))), new='oss-signature', ABCD=(['*new*', 'expired'], want))
    case('oss-signature', None, 'A URL with the fourth signature of OSS.',
         url + 'x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=LTAI5tFakeFake%2F20261130'
         '%2Fcn-beijing%2Foss%2Faliyun_v4_request&x-oss-date=20261130T074000Z&x-oss-expires=3600'
         '&x-oss-signature=' + hashlib.sha256(b'fake').hexdigest(),
         http('403 Forbidden', error('SignatureDoesNotMatch', MISMATCH, ('RequestId', '655FAKE'),
                                     ('EC', '0002-00000040'))),
         new='oss-signature', ABCD=(['*new*'], want))
    case('tencent-signature', None, "A URL with Tencent's own signature.",
         'https://box-1250000000.cos.ap-guangzhou.myqcloud.com/a.jpg?q-sign-algorithm=sha1&q-ak='
         'AKIDfakefakefake&q-sign-time=1796024000%3B1796027600&q-key-time=1796024000%3B1796027600'
         '&q-header-list=host&q-url-param-list=&q-signature=' + hashlib.sha1(b'f').hexdigest(),
         http('403 Forbidden', error(
             'SignatureDoesNotMatch', 'The Signature you specified is invalid.',
             ('RequestId', 'NjFake'))), new='tencent-signature',
         ABCD=(['*new*'], {'not_certain': ['not-presigned', 'signature-version-2'] + SECRETS,
                           'must_say': ['Tencent']}))

    unknown = 'The AWS Access Key Id you provided does not exist in our records.'
    case('cloudfront-at-the-bucket', 'jasonsims/aws-cloudfront-sign#15',
         'A URL signed for CloudFront leads to the host of the bucket.',
         'http://films-fake.s3.amazonaws.com/great-file.txt?Expires=1796028240&Signature='
         'VOzPlbAG~fake~Q__&Key-Pair-Id=APKAFAKE',
         aws('403 Forbidden', 'InvalidAccessKeyId', unknown, ('AWSAccessKeyId', 'APKAFAKE')),
         new='cloudfront-signature',
         ABCD=(['*new*'], {'not_certain': ['not-presigned', 'signature-version-2'] + SECRETS,
                           'must_say': ['CloudFront']}))

    swift = ('https://swift.fake.example/v1/AUTH_fake/pics/image.png?temp_url_sig=%s'
             '&temp_url_expires=%d')
    invalid = http('401 Unauthorized', '401 Unauthorized: Temp URL invalid\n', 'text/plain')
    names = ['TempURL', 'Temp URL', 'temporary URL', 'temp-url']
    want = {'not_certain': ['not-presigned', 'signature-version-2'] + SECRETS, 'must_say': [names]}
    digest = hashlib.sha1(b'fake').hexdigest()
    case('temp-url', 'fog/fog-openstack#372',
         'A temporary URL of Swift whose key was never set on the account.',
         swift % (digest, 1796028240), invalid, new='swift-temp-url', ABCD=(['*new*'], want))
    case('temp-url', 'dennisv/django-storage-swift#26', 'A temporary URL of Swift, expired.',
         swift % (digest, 1796020000), invalid, new='swift-temp-url',
         ABCD=(['*new*', 'expired'], want))

    supabase = 'https://rrrfake.supabase.co/storage/v1/object/sign/vids/a.mp4'
    text = "querystring should have required property 'token'"
    case('supabase-link', 'supabase/storage-js#79',
         'A signed URL of the REST interface of Supabase, without its token.', supabase,
         http('400 Bad Request', json.dumps({'statusCode': '400', 'error': 'Bad Request',
                                             'message': text}), 'application/json'),
         AC=(['*new*', 'not-presigned', 'url-truncated', 'token-missing'],
             {'not_first': ['not-a-store-answer'], 'not_certain': SECRETS, 'must_say': [text]}))

    def jwt(claims):
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip('=')
        return '%s.%s.%s' % (part({'alg': 'HS256', 'typ': 'JWT'}), part(claims), 'ZmFrZQ')
    case('supabase-link', 'supabase/supabase-flutter#402',
         'A signed URL of the REST interface of Supabase whose token has expired.',
         supabase + '?token=' + jwt({'url': 'vids/a.mp4', 'iat': 1796020000, 'exp': 1796023600}),
         http('400 Bad Request', json.dumps({'statusCode': '400', 'error': 'jwt expired',
                                             'message': 'jwt expired'}), 'application/json'),
         AC=(['*new*', 'expired', 'not-presigned', 'token-expired'],
             {'not_first': ['not-a-store-answer'], 'not_certain': SECRETS,
              'must_say': ['jwt expired']}))


# --- reports gathered later, of every kind -------------------------------------------------------

def more_of_each():
    trust = {'not_certain': SECRETS}
    sha1 = encoded(base64.b64encode(hashlib.sha1(b'fake').digest()).decode())

    url = 'https://s3.amazonaws.com/photos-fake/1_a.jpg?AWSAccessKeyId=%s&Expires=1796028240' \
          '&Signature=%s' % (KEY, sha1)
    case('version-2-content-type', 'aws/aws-sdk-js#557',
         'An upload library sent multipart/form-data; the string of version 2 shows the type.',
         url, aws('403 Forbidden', 'SignatureDoesNotMatch', MISMATCH, ('AWSAccessKeyId', KEY),
                  ('StringToSign', 'PUT\n\nmultipart/form-data\n1796028240\n/photos-fake/1_a.jpg'),
                  ('SignatureProvided', 'fake=')), 'PUT',
         AC=(['header-not-signed', 'signed-header-changed', 'signature-version-2', '*new*'],
             {'not_certain': SECRETS, 'must_say': ['multipart/form-data']}))
    case('version-2-content-type', 'boto/boto3#3114',
         'The body of a completion was sent as application/json with a URL of version 2.',
         'https://films-fake.s3.amazonaws.com/up/a?uploadId=FAKEUP&AWSAccessKeyId=%s&Signature=%s'
         '&Expires=1796028240' % (KEY, sha1),
         aws('403 Forbidden', 'SignatureDoesNotMatch', MISMATCH, ('AWSAccessKeyId', KEY),
             ('StringToSign', 'POST\n\napplication/json\n1796028240\n'
              '/films-fake/up/a?uploadId=FAKEUP'), ('SignatureProvided', 'fake=')), 'POST',
         AC=(['header-not-signed', 'signed-header-changed', 'signature-version-2', '*new*'],
             {'not_certain': SECRETS, 'must_say': ['application/json']}))
    case('version-2', 'espebra/filebin2#12',
         'Google refuses a URL whose string it shows in one line.',
         'https://storage.googleapis.com/bin-fake/a/b?GoogleAccessId=%s&Expires=1796028240'
         '&Signature=%s' % (GOOGLE, sha1),
         http('403 Forbidden', error(
             'SignatureDoesNotMatch', MISMATCH.replace('your key', 'your Google secret key'),
             ('StringToSign', 'GET 1796028240 /bin-fake/a/b'))),
         AC=(['gcs-signature'], trust))
    text = 'bucket is not authorized: box-fake'
    case('version-2', 'Backblaze/b2-sdk-python#136', 'B2 takes no signature of version 2.',
         'https://s3.us-west-002.backblazeb2.com/box-fake/a.bin?AWSAccessKeyId=002fake&Signature='
         '%s&Expires=1796028240' % sha1,
         http('401 Unauthorized', error('UnauthorizedAccess', text)),
         AC=(['signature-version-2'], said(text)), BD=(['signature-version-2'], trust))

    link = Presigned('shop.fake.example', '/dash/store/box/1.jpg', signed_path='/box/1.jpg',
                     extra=[('response-content-disposition', 'attachment; filename=1.jpg')],
                     key='PJFAKE9D7K3OAFS732PS')
    case('path-prefix', 'minio/minio#6546',
         'nginx takes a prefix of two segments away; the URL without it was signed.',
         link, minio('SignatureDoesNotMatch', MISMATCH, 'box', '1.jpg'),
         AB=(['proxy-rewrote-host', 'wrong-addressing', 'key-changed', '*new*'],
             {'not_certain': SECRETS, 'not_first': SECRETS}))
    link = Presigned('minio:9000', '/quality/analysis/a.png', scheme='http', key='fakeaccess')
    link.url = link.url.replace('minio:9000', 'localhost:7000')
    case('container-host', 'minio/minio#20964',
         'The name of a container was replaced by localhost and the port of nginx; the endpoint '
         'is given.', link, minio('SignatureDoesNotMatch', MISMATCH, 'quality', 'analysis/a.png'),
         options=['--endpoint', 'http://minio:9000'],
         AB=(['wrong-host'], {'not_certain': SECRETS, 'certain': True}))
    link = Presigned('panda-fake.s3.eu-west-3.amazonaws.com', '/panda.jpg', 'eu-west-3',
                     signed_host='panda-fake.s3.amazonaws.com')
    case('global-redirect', 'aws/aws-cli#4658',
         'The CLI signed for the global host; the redirect of a new bucket led to the regional '
         'one.', link, aws_mismatch(link),
         AB=(['global-endpoint', 'wrong-host'], trust))
    link = Presigned('panda-fake.s3.amazonaws.com', '/panda.jpg', 'eu-west-3')
    case('global-redirect', 'aws/aws-cli#4658', 'The same URL before the redirect.', link,
         aws_mismatch(link, url=link.url.replace('s3.amazonaws', 's3.eu-west-3.amazonaws')),
         AC=(['global-endpoint'], trust), D=(['global-endpoint'], trust))

    text = "Header 'x-amz-checksum-crc32' with value '8FJbTw==' not implemented"
    link = Presigned(R2_HOST, '/upl/a.json', 'auto', method='PUT', key=R2_KEY)
    case('header-not-supported', 'f2face/cloudflare-r2#12',
         'An SDK sent a checksum that R2 did not take.', link,
         http('501 Not Implemented', error('NotImplemented', text)), 'PUT',
         ['x-amz-checksum-crc32: 8FJbTw=='],
         AC=(['*new*'], reason(text)))
    link = Presigned(R2_HOST, '/upl/a.csv', 'auto', method='PUT', key=R2_KEY, extra=[
        ('X-Amz-Content-Sha256', UNSIGNED), ('x-amz-checksum-crc32', 'AAAAAA=='),
        ('x-amz-sdk-checksum-algorithm', 'CRC32'), ('x-id', 'PutObject')])
    case('checksum-of-empty-body', 'kyantech/Palmr#378',
         'The checksum of nothing is signed in the query; R2 compares it.', link,
         http('400 Bad Request', error(
             'BadDigest', 'The CRC32 you specified did not match what we received.')), 'PUT',
         ABCD=(['checksum-of-empty-body'], trust))
    text = 'PostObject not implemented'
    case('form', 'WardPearce/paaster#941', 'R2 takes no forms.',
         'https://%s/share' % R2_HOST,
         http('501 Not Implemented', error('NotImplemented', text)), 'POST',
         AC=(['*new*'], said(text)))

    link = Presigned('rust-fake.up.railway.example', '/public/g/a.gif', 'auto', method='PUT',
                     key='neYfake1HBfD')
    case('wrong-region-told', 'rustfs/rustfs#438', 'A client signs for `auto`, the server has a '
         'region of its own.', link, http('403 Forbidden', error(
             'SignatureDoesNotMatch', MISMATCH)), 'PUT',
         B=OK_B, A=(None, {'not_certain': SECRETS}))
    link = Presigned('wp-fake.s3.us-east-2.amazonaws.com', '/up/a.pdf', 'us-east-2',
                     key=TEMPORARY_KEY, token=TOKEN, extra=[('X-Amz-Content-Sha256', UNSIGNED)])
    link.url = link.url.replace('&', '&amp;')
    case('text-damage', 'humanmade/S3-Uploads#559',
         'A template escaped the `&` of the URL for HTML.', link,
         aws('403 Forbidden', 'AccessDenied', 'Access Denied'),
         ABCD=(['html-escaped-ampersand'], {'not_certain': SECRETS + ['access-denied']}))
    text = ('X-Amz-Expires must be less than a week (in seconds); that is, the given '
            'X-Amz-Expires must be less than 604800 seconds')
    link = Presigned('box-fake.s3.amazonaws.com', '/path/to/a', expires='6307000000')
    case('expired', 'bryanjos/aws_auth#31', 'An expiry of two hundred years.', link,
         aws('400 Bad Request', 'AuthorizationQueryParametersError', text),
         ABCD=(['expiry-over-limit'], trust))
    text = 'X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd\'T\'HHmmss\'Z\'"'
    link = Presigned('box-fake.s3.amazonaws.com', '/a', method='DELETE')
    link.url = link.url.replace('X-Amz-Date=20261130T074000Z', 'X-Amz-Date=20261130T0740Z')
    case('scope-short', 'JustinM1/S3SignerAWS#12', 'A date without its seconds.', link,
         aws('400 Bad Request', 'AuthorizationQueryParametersError', text), 'DELETE',
         ABCD=(['date-malformed'], trust))
    link = Presigned('minio.fake.example:9000', '/box/a', time='20261201T074000Z')
    case('not-yet-valid', 'minio/minio#2638',
         'The clock that signed is a day ahead; the date of the response is in milliseconds.',
         link, http('403 Forbidden', error(
             'AccessDenied', 'Request is not yet valid', ('X-Amz-Date', '1796110800000'),
             ('Expires', '2026-12-01T08:40:00Z'), ('ServerTime', '2026-11-30T07:44:00Z'),
             ('RequestId', 'DF5DFAKE'))),
         ABCD=(['not-yet-valid', 'local-time-not-utc', 'clock-skew'],
               {'not_certain': SECRETS + ['access-denied']}))

    text = "invalid b2-content-disposition: expected ';' but got Token{type=TOKEN, " \
           "text='Main.mp4', startPosition=40}"
    link = Presigned('box-fake.s3.us-west-002.backblazeb2.com', '/a.mp4', 'us-west-002',
                     key='0021fake02fake03fake04fake', extra=[
                         ('response-content-disposition', 'attachment; filename=The Main.mp4')])
    case('header-not-supported', 'gliterd/laravel-backblaze-b2#22',
         'B2 cannot read a content disposition without quotes around the name.', link,
         http('400 Bad Request', error('InvalidRequest', text)),
         AC=(None, reason(text, not_first=['access-denied', 'unexplained', 'ok'])))
    text = "Unsupported value for canned acl 'private'"
    link = Presigned('box-fake.s3.us-east-005.backblazeb2.com', '/a.mp3', 'us-east-005',
                     method='PUT', key='0051fake02fake03fake04fake',
                     headers={'x-amz-acl': 'private'})
    case('header-not-supported', 'AzuraCast/AzuraCast#7322', 'B2 does not take this ACL.', link,
         http('400 Bad Request', error('InvalidArgument', text)), 'PUT', ['x-amz-acl: private'],
         AC=(['*new*'], reason(text)))
    text = 'Signature validation failed'
    link = Presigned('s3.us-west-002.backblazeb2.com', '/box-fake/a.bin', 'us-west-002',
                     method='PUT', key='fakefakefake')
    case('key-of-another-kind', 'cloudreve/cloudreve#1315',
         'The master key of a B2 account was used, which its S3 interface does not take.', link,
         http('403 Forbidden', error('SignatureDoesNotMatch', text)), 'PUT',
         AC=(['wrong-access-key', '*new*'], said(text)))

    bucket = 'https://form-fake.s3.us-west-2.amazonaws.com/'
    text = ('Invalid according to Policy: Policy Condition failed: ["eq", "$X-Amz-Date", '
            '"20261130T041709Z"]')
    case('form', 'aws/aws-sdk-js#1514', 'The date in the form is not that of the policy.', bucket,
         aws('403 Forbidden', 'AccessDenied', text), 'POST',
         AC=(['policy-condition-failed'], dict(said(text), must_not_say=['cos-presign get'])))
    text = ('The authorization mechanism you have provided is not supported. Please use '
            'AWS4-HMAC-SHA256.')
    case('form', 'aws/aws-sdk-php#946', 'A form with a signature of version 2 in Frankfurt.',
         'https://form-fake.s3.eu-central-1.amazonaws.com/',
         aws('400 Bad Request', 'InvalidRequest', text), 'POST',
         AC=(['signature-version-2', '*new*'], dict(said(text), must_not_say=['cos-presign get'])))

    text = 'aws-chunked encoding is not supported with the specified x-amz-content-sha256 value.'
    link = Presigned('box-fake.oss-cn-hangzhou.aliyuncs.com', '/a.html', 'oss-cn-hangzhou',
                     method='PUT', key='LTAI5tFakeFake')
    case('header-not-supported', 'karakeep-app/karakeep#2191',
         'An SDK sends its own chunks, which OSS does not take.', link,
         http('400 Bad Request', error(
             'InvalidArgument', text, ('RequestId', '692BFAKE'),
             ('HostId', 'box-fake.oss-cn-hangzhou.aliyuncs.com'),
             ('ArgumentName', 'Content-Encoding'), ('ArgumentValue', 'aws-chunked'),
             ('EC', '0017-00000804'))), 'PUT', ['content-encoding: aws-chunked'],
         AC=(['chunked-body', '*new*'], reason(text)))
    text = 'Please use virtual hosted style to access.'
    link = Presigned('oss-cn-beijing.aliyuncs.com', '/pub-fake/latest.yml', 'oss-cn-beijing',
                     method='PUT', key='LTAI5tFakeFake')
    case('path-style-refused', 'electron-userland/electron-builder#8674',
         'The refusal as the Go SDK prints it.', link,
         'SecondLevelDomainForbidden: %s\n\tstatus code: 403, request id: 672FFAKE, host id: \n'
         'github.com/develar/app-builder/pkg/publisher.upload\n' % text, 'PUT',
         AC=(['wrong-addressing', '*new*'], reason(text)))

    link = Presigned('box-fake.blr1.digitaloceanspaces.com', '/cache/a.pdf', 'blr1',
                     method='PUT', headers={'content-disposition': 'inline; filename="a.pdf"',
                                            'content-type': 'application/pdf'})
    case('signed-header-not-sent', 'shrinerb/shrine#676',
         'Content-Disposition is signed and was not sent; Ceph has no sentence.', link,
         http('403 Forbidden', error('SignatureDoesNotMatch', '', (
             'RequestId', 'tx0000fake-0065-fake-blr1'), ('HostId', 'fake-blr1-blr')).replace(
                 '<Message></Message>', '')), 'PUT', ['content-type: application/pdf'],
         ABCD=(['signed-header-missing'], {'not_certain': SECRETS,
                                           'must_say': ['content-disposition']}))
    link = Presigned('abcdefghijklmnopqrst.supabase.co', '/storage/v1/s3/my-up/a.png',
                     'ap-southeast-2', method='PUT', signed_path='/my-up/a.png')
    case('path-prefix', 'supabase/storage#671',
         'The path of the endpoint of Supabase was not signed.', link,
         http('403 Forbidden', error('SignatureDoesNotMatch', MISMATCH, (
             'Resource', 'my-up/a.png'))), 'PUT',
         AB=(['proxy-rewrote-host', 'wrong-addressing', 'key-changed', '*new*'],
             {'not_certain': SECRETS, 'not_first': SECRETS}))
    text = 'Invalid Compact JWS'
    case('supabase-link', 'supabase/storage#1268',
         'A token for signed uploads was refused by the resumable interface.',
         'https://abcdefghijklmnopqrst.storage.supabase.co/storage/v1/upload/resumable',
         http('400 Bad Request', json.dumps({'statusCode': '403', 'code': 'AccessDenied',
                                             'error': 'Unauthorized', 'message': text}),
              'application/json'), 'POST',
         C=(None, {'not_first': ['not-a-store-answer'],
                   'not_certain': SECRETS + ['access-denied'], 'must_say': [text]}))

    link = Presigned('storage.googleapis.com', '/box-fake/a.tar', 'auto', method='PUT',
                     key=GOOGLE, headers={'accept-encoding': 'identity'})
    seen, string = arrived(link.url, 'PUT', ['accept-encoding: identity,gzip(gfe)'])
    case('gcs-signed-header', 'siderolabs/talos-backup#64',
         "Google's front end changes a signed Accept-Encoding.", link,
         http('403 Forbidden', error(
             'SignatureDoesNotMatch', 'Access denied.',
             ('Details', MISMATCH.replace('your key', 'your Google secret key')),
             ('StringToSign', string), ('CanonicalRequest', seen))), 'PUT',
         ['accept-encoding: identity'],
         ABCD=(['header-rewritten-by-proxy'], trust))
    link = Presigned('films-fake.s3.ap-south-1.amazonaws.com', '/big.bin', 'ap-south-1',
                     method='POST', extra=[('uploadId', 'FAKEUP')])
    body = '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part>' \
           '</CompleteMultipartUpload>'
    seen, string = arrived(link.url + '&' + encoded(body) + '=', 'POST', [])
    case('body-as-form', 'aws/aws-sdk-php#1078',
         'The body of a completion was sent as a form, and the store counts it as a parameter.',
         link, aws('403 Forbidden', 'SignatureDoesNotMatch', MISMATCH, ('AWSAccessKeyId', KEY),
                   ('StringToSign', string), ('SignatureProvided', link.signature),
                   ('CanonicalRequest', seen)), 'POST',
         AC=(['*new*'], trust))
    text = 'Request has expired'
    link = Presigned('s3.noobaa.fake.example:6443', '/bucket1/obj1.txt', time='20261130T050000Z',
                     expires='120')
    case('expired', 'noobaa/noobaa-core#8493', 'NooBaa has a code of its own for it.', link,
         http('403 Forbidden', error('RequestExpired', text, ('Resource', '/bucket1/obj1.txt'),
                                     ('RequestId', 'm2fake'))),
         ABCD=(['expired'], {'not_certain': SECRETS + ['access-denied']}))


def main():
    for part in (encoding, place, more_places, header, keys, clocks, permissions, forms, schemes,
                 more_of_each):
        part()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'reports.jsonl')
    with open(path, 'w', encoding='utf-8') as file:
        for record in CASES:
            file.write(json.dumps(record, ensure_ascii=False) + '\n')
    print('%d cases, %d modes' % (len(CASES), sum(len(c['modes']) for c in CASES)))


if __name__ == '__main__':
    main()
