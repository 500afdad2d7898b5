/** The API for tests: creates their events, and reads what is stored. */

import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { apiOrigin, listsLag } from "./environment.ts";

export interface NewEvent {
  readonly name: string;
  readonly date?: string;
  readonly time?: string;
  readonly endTime?: string;
  readonly location?: string;
  readonly description?: string;
}

export interface StoredEvent extends NewEvent {
  readonly id: string;
  readonly createdAt: string;
}

export class Api {
  private readonly origin: string;
  private readonly token: string | undefined;
  private readonly created = new Set<string>();

  constructor(origin = apiOrigin, token?: string) {
    this.origin = origin;
    this.token = token;
  }

  async create(event: NewEvent, idempotencyKey: string = randomUUID()): Promise<StoredEvent> {
    const response = await this.call("/events", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": idempotencyKey },
      body: JSON.stringify(event),
    });
    expect(response.status).toBe(201);
    const stored = (await response.json()) as StoredEvent;
    this.willDelete(stored.id);
    if (listsLag) await this.isListed(stored);
    return stored;
  }

  /** Waits until a list has it: the page would load a lagging list only once. */
  private async isListed({ id, date }: StoredEvent): Promise<void> {
    const list = date ? `/events?from=${date}&to=${date}` : "/events?undated=true";
    const ids = async () => (await this.list(list)).map((event) => event.id);
    await expect.poll(ids, { timeout: 20_000 }).toContain(id);
  }

  /** `undefined` when there is no such event. */
  async get(id: string): Promise<StoredEvent | undefined> {
    const response = await this.call(`/events/${id}`);
    if (response.status === 404) return undefined;
    expect(response.status).toBe(200);
    return (await response.json()) as StoredEvent;
  }

  async delete(id: string): Promise<void> {
    const response = await this.call(`/events/${id}`, { method: "DELETE" });
    expect([204, 404]).toContain(response.status);
  }

  /** All events, or those of a part of the list, page by page. */
  async list(first = "/events"): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (let next: string | undefined = first; next; ) {
      const response = await this.call(next);
      expect(response.status).toBe(200);
      events.push(...((await response.json()) as StoredEvent[]));
      next = /<([^>]*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    return events;
  }

  /** The events whose name contains a word. On AWS a list may lag behind a write by moments. */
  async listed(word: string): Promise<StoredEvent[]> {
    return (await this.list()).filter(({ name }) => name.includes(word));
  }

  /** Deletes an event that the page created, too. */
  willDelete(id: string): void {
    this.created.add(id);
  }

  async deleteAll(): Promise<void> {
    await Promise.all([...this.created].map((id) => this.delete(id)));
  }

  private call(path: string, init?: RequestInit): Promise<Response> {
    const authorization = this.token && { authorization: `Bearer ${this.token}` };
    return fetch(`${this.origin}${path}`, {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), ...authorization },
    });
  }
}
