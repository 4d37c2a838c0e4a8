/** What a person sees after following every redirect. */
export interface Page {
  url: string;
  status: number;
  headers: Headers;
  text: string;
  /** The first form's address and hidden fields, and those of the chosen button. */
  form(button?: string): { action: string; fields: Record<string, string> };
}

/** A browser without scripts: cookies as they are set, redirects followed, forms sent as they stand. */
export interface Browser {
  open(url: string): Promise<Page>;
  submit(page: Page, button?: string): Promise<Page>;
  send(action: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Page>;
  /** Opens an address and follows until one begins so; that one is not opened. @returns it */
  until(url: string, begins: string): Promise<string>;
  /** By name; also to be looked at or taken away. */
  cookies: Map<string, string>;
}

const MOST_REDIRECTS = 20;

export function newBrowser(): Browser {
  // Cookies know hosts and no ports, so that pages and provider on one machine share a jar as they would in a browser.
  const cookies = new Map<string, string>();

  const once = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const jar = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      headers: { ...init.headers, ...(jar && { cookie: jar }) },
      redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) keep(line, cookies);
    return response;
  };
  const follow = async (start: string, first: RequestInit, stop: (url: string) => boolean) => {
    let [url, init] = [start, first];
    for (let i = 0; i < MOST_REDIRECTS; i += 1) {
      const response = await once(url, init);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) return { url, response };
      await response.arrayBuffer();
      url = new URL(location, url).href;
      init = {};
      if (stop(url)) return { url, response: null };
    }
    throw new Error(`More redirects than anybody follows, the last to ${url}.`);
  };
  const show = async (url: string, init: RequestInit): Promise<Page> => {
    const at = await follow(url, init, () => false);
    if (at.response === null) throw new Error('Nothing was opened.');
    const text = await at.response.text();
    return {
      ...{ url: at.url, status: at.response.status, headers: at.response.headers, text },
      form: (button) => formIn(text, at.url, button),
    };
  };
  const send: Browser['send'] = (action, fields, headers = {}) =>
    show(action, { method: 'POST', body: new URLSearchParams(fields), headers });
  return {
    cookies,
    open: (url) => show(url, {}),
    send,
    submit: (page, button) => {
      const { action, fields } = page.form(button);
      return send(action, fields, { origin: new URL(page.url).origin });
    },
    until: async (url, begins) => {
      const at = await follow(url, {}, (next) => next.startsWith(begins));
      if (at.response !== null) throw new Error(`Nothing led to ${begins}: ${await at.response.text()}`);
      return at.url;
    },
  };
}

function keep(line: string, cookies: Map<string, string>): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  const gone = attributes.some((each) => /^max-age=0$/i.test(each) || /^expires=thu, 01 jan 1970/i.test(each));
  if (gone || value === '') cookies.delete(name);
  else cookies.set(name, value);
}

function formIn(text: string, url: string, button?: string): { action: string; fields: Record<string, string> } {
  const [, attributes, inside] = /<form([^>]*)>([\s\S]*?)<\/form>/.exec(text) ?? [];
  if (attributes === undefined || inside === undefined) throw new Error(`There is no form on ${url}: ${text}`);
  const fields: Record<string, string> = {};
  for (const [, input = ''] of inside.matchAll(/<input([^>]*)>/g)) {
    const name = attribute(input, 'name');
    if (name) fields[name] = attribute(input, 'value');
  }
  for (const [, pressed = ''] of inside.matchAll(/<button([^>]*)>/g)) {
    const name = attribute(pressed, 'name');
    if (name && button !== undefined && attribute(pressed, 'value') === button) fields[name] = button;
  }
  return { action: new URL(attribute(attributes, 'action'), url).href, fields };
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

const attribute = (attributes: string, name: string): string => {
  const [, found = ''] = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes) ?? [];
  return found.replace(/&(amp|lt|gt|quot|#39);/g, (sign) => entities[sign] ?? sign);
};
