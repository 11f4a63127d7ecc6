#!/usr/bin/env python3
"""check.py BINARY FILE.jsonl... [--show] [--only TEXT] [--jobs N]: see README.md.

Runs `BINARY diagnose` for every case and mode and compares the reports with what is expected.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

# The codes of 30 November 2026. `*new*` in `first` matches any code that is not in this list.
KNOWN = set('''access-denied azure-sas checksum-not-enforced checksum-of-empty-body chunked-body
clock-skew cors-refused credential-not-encoded date-malformed disposition-not-latin1
entity-too-large expired expiry-malformed expiry-over-limit gcs-signature global-endpoint
header-not-signed header-rewritten-by-proxy html-escaped-ampersand key-changed kms-needs-sigv4
local-time-not-utc needs-version-4a no-such-bucket no-such-key not-a-store-answer not-presigned
not-yet-valid object-archived ok parameter-doubled path-dot-segments path-double-encoded
path-not-encoded path-slashes-changed payload-hash-mismatch percent-encoded-twice plus-for-space
policy-condition-failed port-in-host precondition-failed private-endpoint proxy-rewrote-host
query-not-encoded query-order query-parameter-added query-parameter-changed
query-parameter-removed redirected scope-date-mismatch scope-malformed secret-encoding
secret-whitespace server-has-other-secret signature-malformed signature-not-checked
signature-version-2 signature-version-4a signed-header-changed signed-header-missing
signed-headers-malformed store-busy tls-trouble token-expired token-invalid token-missing
token-unsigned two-auth-mechanisms unexplained unicode-normalization unreachable url-truncated
url-wrapped wrong-access-key wrong-addressing wrong-host wrong-method wrong-region wrong-secret
wrong-service'''.split())
MODES = 'ABCD'
FIELDS = {'first', 'not_first', 'not_certain', 'certain', 'must_say', 'must_not_say', 'exit'}


def strings(value):
    """Every string in a JSON value, without the names of fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def plain(text):
    return re.sub(r'\s+', ' ', text).lower()


def either(word):
    """The alternatives of one entry of `must_say`."""
    return [word] if isinstance(word, str) else word


def run(binary, case, mode, output):
    args = [binary, 'diagnose']
    if case['method']:
        args += ['--method', case['method']]
    for header in case['headers']:
        args += ['--header', header]
    args += case.get('options', [])
    response = None
    if mode in 'AC':
        if case['status'] is not None:
            args += ['--status', str(case['status'])]
        if case['response'] is not None:
            response = tempfile.NamedTemporaryFile(prefix='wild-')
            response.write(case['response'].encode())
            response.flush()
            args += ['--response', response.name]
    args += ['--at', case['at'], '--output', output, '--', case['url']]
    environment = {'PATH': '/usr/bin:/bin', 'HOME': '/nonexistent', 'LANG': 'C.UTF-8'}
    if mode in 'AB':
        environment.update(case['env'])
    try:
        done = subprocess.run(args, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120)
        return (done.returncode, done.stdout.decode(errors='replace'),
                done.stderr.decode(errors='replace'))
    except subprocess.TimeoutExpired:
        return -1, '', 'timed out after 120 s'
    finally:
        if response:
            response.close()


def judge(binary, case, mode):
    """The mistakes of one mode in words, the number of false `certain` findings, the findings."""
    want = case['modes'][mode]
    status, out, err = run(binary, case, mode, 'json')
    try:
        report = json.loads(out)
        findings = [(f['code'], f['certainty']) for f in report['findings']]
    except (ValueError, KeyError, TypeError) as problem:
        return ['no JSON report (%s), exit status %d: %s' % (
            problem, status, (out + err).strip()[:200])], 0, []
    mistakes, false = [], 0
    code, certainty = findings[0] if findings else ('(none)', '')
    if 'first' in want:
        right = (code in want['first']
                 or '*new*' in want['first'] and code not in KNOWN and findings)
        if not right:
            mistakes.append('first finding: expected %s, got %s (%s)' % (
                ' or '.join(want['first']), code, certainty))
            false += certainty == 'certain' and code not in want.get('not_certain', [])
        elif want.get('certain') and certainty != 'certain':
            mistakes.append('%s: expected certain, got %s' % (code, certainty))
    if code in want.get('not_first', []):
        mistakes.append('first finding must not be %s (%s)' % (code, certainty))
    for other, sure in findings:
        if sure == 'certain' and other in want.get('not_certain', []):
            mistakes.append('false and certain: %s' % other)
            false += 1
    text = plain('\n'.join(strings(report)))
    missing = [word for word in want.get('must_say', [])
               if not any(plain(one) in text for one in either(word))]
    if missing:
        # The text report folds its lines; join them as a reader would.
        whole = plain(re.sub(r'\n *\|? *', ' ', run(binary, case, mode, 'text')[1]))
        missing = [word for word in missing
                   if not any(plain(one) in whole for one in either(word))]
    mistakes += ['does not say: %s' % ' / '.join(either(word)) for word in missing]
    mistakes += ['says: %s' % word for word in want.get('must_not_say', []) if plain(word) in text]
    if 'exit' in want and status != want['exit']:
        mistakes.append('exit status: expected %d, got %d' % (want['exit'], status))
    return mistakes, false, findings


def load(paths):
    cases, seen = [], set()
    for path in paths:
        with open(path, encoding='utf-8') as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                case = json.loads(line)
                place = '%s:%d: %s' % (path, number, case['id'])
                assert case['id'] not in seen, '%s: duplicate id' % place
                seen.add(case['id'])
                assert case['modes'] and set(case['modes']) <= set(MODES), '%s: modes' % place
                for mode, want in case['modes'].items():
                    assert want and set(want) <= FIELDS, '%s %s: fields' % (place, mode)
                    for name in ('first', 'not_first', 'not_certain'):
                        for code in want.get(name, []):
                            assert code in KNOWN or code == '*new*', \
                                '%s %s: unknown code: %s' % (place, mode, code)
                cases.append(case)
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('binary')
    parser.add_argument('files', nargs='+', metavar='file')
    parser.add_argument('--show', action='store_true', help='print every mode that is not right')
    parser.add_argument('--only', default='', help='only cases whose id contains this text')
    parser.add_argument('--jobs', type=int, default=2, help='processes to run at a time')
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    cases = [case for case in load(options.files) if options.only in case['id']]
    work = [(case, mode) for case in cases for mode in MODES if mode in case['modes']]
    right, total, false = collections.Counter(), collections.Counter(), 0
    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda item: judge(binary, *item), work)
        for (case, mode), (mistakes, wrong, findings) in zip(work, results):
            total[mode] += 1
            right[mode] += not mistakes
            false += wrong
            if mistakes and options.show:
                print('%s %s: %s' % (case['id'], mode, case['situation']))
                for mistake in mistakes:
                    print('    ' + mistake)
                print('    got: ' + (', '.join('%s (%s)' % f for f in findings) or 'nothing'))
    print('wild: %s; false certain %d' % (
        ' '.join('%s %d/%d' % (mode, right[mode], total[mode]) for mode in MODES), false))
    return 0 if work and right == total and not false else 1


if __name__ == '__main__':
    sys.exit(main())
