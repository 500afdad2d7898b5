/** The API as a client outside the browser calls it: to make events for a test, and to see what is stored. */

import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import { apiOrigin } from "./environment.ts";

export interface NewEvent {
  readonly name: string;
  readonly date?: string;
  readonly time?: string;
  readonly location?: string;
  readonly description?: string;
}

export interface StoredEvent extends NewEvent {
  readonly id: string;
  readonly createdAt: string;
}

export class Api {
  private readonly origin: string;
  private readonly created = new Set<string>();

  constructor(origin = apiOrigin) {
    this.origin = origin;
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
    return stored;
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

  /** All events, page by page. */
  async list(): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (let next: string | undefined = "/events"; next; ) {
      const response = await this.call(next);
      expect(response.status).toBe(200);
      events.push(...((await response.json()) as StoredEvent[]));
      next = /<([^>]*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    return events;
  }

  /** An event that the page under test made. */
  willDelete(id: string): void {
    this.created.add(id);
  }

  async deleteAll(): Promise<void> {
    await Promise.all([...this.created].map((id) => this.delete(id)));
  }

  private call(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.origin}${path}`, init);
  }
}
