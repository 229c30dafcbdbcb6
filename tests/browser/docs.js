// What a newcomer does on the documentation page: logs in, and tries an operation.
//
//     cargo dev -- --memory --port 8080
//     cd tests/browser && npm install --no-package-lock && CHROMIUM=/usr/bin/chromium node docs.js http://127.0.0.1:8080
import assert from 'node:assert';
import { chromium } from 'playwright-core';

const url = process.argv[2] ?? 'http://127.0.0.1:8080';
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const page = await browser.newPage();
const complaints = [];
page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
page.on('pageerror', (error) => complaints.push(String(error)));

await page.goto(`${url}/docs`);
await page.waitForSelector('.opblock');
await page.click('button.authorize');
await page.fill('#oauth_username', 'demo@example.com');
await page.fill('#oauth_password', process.env.PASSWORD ?? 'see-the-world-2027');
await page.locator('.auth-container', { has: page.locator('#oauth_password') }).locator('button.authorize').click();
await page.waitForSelector('.auth-container button.btn-done');
await page.locator('button.btn-done').first().click();

const operation = page.locator('#operations-trips-listTrips');
await operation.locator('.opblock-summary').click();
await operation.locator('button.execute').click();
const answer = await operation.locator('.live-responses-table .highlight-code').first().textContent();
assert.match(answer, /"message": "Trips found"/);
assert.deepEqual(complaints, []);
await page.screenshot({ path: process.env.SCREENSHOT ?? 'docs.png' });
await browser.close();
console.log('the documentation page logs in and lists trips');
