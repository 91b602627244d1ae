import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { GuardError } from '../errors.ts';
import { SIGNATURE_FILE } from './manifest.ts';
import { findFault } from './shape.ts';

/** An Ed25519 key: PEM text, or a key of Node's crypto. */
export type Key = string | KeyObject;

/** The private key, read. @throws GuardError `INVALID_OPTION`, which does not repeat the key */
export function signingKey(where: string, option: string, key: Key): KeyObject {
  return requireEd25519(where, option, 'private', () =>
    typeof key === 'string' ? createPrivateKey(key) : key,
  );
}

/** The public key, read; of a private key its public one. @throws GuardError `INVALID_OPTION` */
export function verifyingKey(where: string, option: string, key: Key): KeyObject {
  return requireEd25519(where, option, 'public', () =>
    typeof key === 'string' || key.type === 'private' ? createPublicKey(key) : key,
  );
}

/** The text of `guard.sig`: a signature of the digest, and which key made it. */
export function signDigest(digest: string, key: KeyObject): string {
  const signature = sign(null, signedBytes(digest), key).toString('base64');
  return `${JSON.stringify({ algorithm: 'ed25519', key: fingerprint(createPublicKey(key)), signature }, null, 2)}\n`;
}

/**
 * Checks that `guard.sig` signs the digest with this key.
 *
 * @param text contents of `guard.sig`; undefined where there is none
 * @throws GuardError `BAD_SIGNATURE`
 */
export function verifySignature(
  folder: string,
  {
    digest,
    text,
    key,
  }: { readonly digest: string; readonly text: string | undefined; readonly key: KeyObject },
): void {
  const wanted = fingerprint(key);
  const refuse = (got: string) =>
    new GuardError('BAD_SIGNATURE', {
      where: folder,
      expected: `a signature of this guard by the key ${wanted}`,
      got,
      advice: 'do not use it before you know who made it; ask for the guard again',
      details: { folder, key: wanted },
    });
  if (text === undefined) throw refuse(`no ${SIGNATURE_FILE}`);
  const { key: signer, signature } = parse(text) ?? {};
  if (signer === undefined || signature === undefined) throw refuse(`a ${SIGNATURE_FILE} that is none`);
  if (signer !== wanted) throw refuse(`one by the key ${signer.slice(0, 64)}`);
  if (!verify(null, signedBytes(digest), key, Buffer.from(signature, 'base64')))
    throw refuse('one of another guard, or of this one before it was changed');
}

function parse(text: string): { readonly key: string; readonly signature: string } | undefined {
  const isText = [(value: unknown) => typeof value === 'string', 'a text'] as const;
  try {
    const value: unknown = JSON.parse(text);
    const fault = findFault(value, { algorithm: isText, key: isText, signature: isText });
    return fault ? undefined : (value as { key: string; signature: string });
  } catch {
    return undefined;
  }
}

/** Bound to its purpose, so that no signature of something else passes for one of a guard. */
const signedBytes = (digest: string) => Buffer.from(`ood-guard\n${digest}\n`);

/** SHA-256 of the public key (SPKI, DER), hex. */
function fingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

function requireEd25519(
  where: string,
  option: string,
  kind: 'private' | 'public',
  read: () => KeyObject,
): KeyObject {
  // What was given is not repeated: it may be a secret.
  const refuse = (got: string) =>
    new GuardError('INVALID_OPTION', {
      where: `${where}, option "${option}"`,
      expected: `an Ed25519 ${kind} key in PEM`,
      got,
      advice: 'make one with openssl genpkey -algorithm ed25519, its public part with openssl pkey -pubout',
      details: { option },
    });
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw refuse('something else');
  }
  if (key.type === kind && key.asymmetricKeyType === 'ed25519') return key;
  throw refuse(`a ${key.type} key of ${key.asymmetricKeyType ?? 'no type'}`);
}
