import 'reflect-metadata'; // what the next one is built with
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its key, in PEM. */
export interface TestCertificate {
  cert: Buffer;
  key: Buffer;
}

export interface TestAuthority extends TestCertificate {
  /** A certificate that this authority signed, for a subject such as `CN=reader,O=Example`. */
  sign(subject: string, life?: { from: Date; to: Date }): Promise<TestCertificate>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 24 * 60 * 60_000;
const yesterday = () => new Date(Date.now() - day);
const tomorrow = () => new Date(Date.now() + day);

/** An authority of its own, made for one test. */
export async function testAuthority(name: string): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...{
      serialNumber: '01',
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      notBefore: yesterday(),
      notAfter: tomorrow(),
    },
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  let serial = 1;
  return {
    ...(await inPem(root, keys.privateKey)),
    sign: async (subject, life = { from: yesterday(), to: tomorrow() }) => {
      serial += 1;
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const cert = await x509.X509CertificateGenerator.create({
        ...{ serialNumber: serial.toString(16).padStart(2, '0'), subject, issuer: root.subject },
        ...{ notBefore: life.from, notAfter: life.to, signingAlgorithm: algorithm },
        ...{ publicKey: own.publicKey, signingKey: keys.privateKey },
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
      });
      return inPem(cert, own.privateKey);
    },
  };
}

async function inPem(cert: x509.X509Certificate, key: webcrypto.CryptoKey): Promise<TestCertificate> {
  const exported = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return {
    cert: Buffer.from(cert.toString('pem')),
    key: Buffer.from(`-----BEGIN PRIVATE KEY-----\n${exported}\n-----END PRIVATE KEY-----\n`),
  };
}
