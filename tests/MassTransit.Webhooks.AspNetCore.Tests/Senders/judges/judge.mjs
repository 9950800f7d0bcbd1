// Asks the senders' own libraries whether a request is theirs. One JSON request a line in, one verdict a line out.
import { createInterface } from 'node:readline';
import querystring from 'node:querystring';
import { Signature } from '@hubspot/api-client';
import { validateSignature } from '@line/bot-sdk';
import { LinearWebhookClient } from '@linear/sdk/webhooks';
import { verify as verifyGitHub } from '@octokit/webhooks-methods';
import { Paddle } from '@paddle/paddle-node-sdk';
import { WebhooksHelper } from 'square';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import twilio from 'twilio';

const paddle = new Paddle('none');

const judges = {
  'github': (x) => verifyGitHub(x.secret, x.body, x.headers['x-hub-signature-256']),
  'hubspot': (x) => Signature.isValid({
    signatureVersion: 'v3', method: 'POST', clientSecret: x.secret, requestBody: x.body, url: x.address,
    signature: x.headers['x-hubspot-signature-v3'], timestamp: Number(x.headers['x-hubspot-request-timestamp']),
  }),
  'line': (x) => validateSignature(x.body, x.secret, x.headers['x-line-signature']),
  'linear': (x) => new LinearWebhookClient(x.secret)
    .verify(Buffer.from(x.body), x.headers['linear-signature'], JSON.parse(x.body).webhookTimestamp),
  'paddle': (x) => paddle.webhooks.isSignatureValid(x.body, x.secret, x.headers['paddle-signature']),
  'square': (x) => WebhooksHelper.verifySignature({
    requestBody: x.body, signatureHeader: x.headers['x-square-hmacsha256-signature'], signatureKey: x.secret, notificationUrl: x.address,
  }),
  'standard': (x) => { new Webhook(x.secret).verify(x.body, x.headers); return true; },
  'stripe': (x) => { Stripe.webhooks.constructEvent(x.body, x.headers['stripe-signature'], x.secret); return true; },
  'twilio': (x) => twilio.validateRequest(x.secret, x.headers['x-twilio-signature'], x.address, querystring.parse(x.body)),
  'twilio json': (x) => twilio.validateRequestWithBody(x.secret, x.headers['x-twilio-signature'], x.address, x.body),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let accepted = false;
  try {
    accepted = await judges[request.sender](request) === true;
  } catch {
    // A library that refuses throws.
  }
  console.log(JSON.stringify({ number: request.number, accepted }));
}
