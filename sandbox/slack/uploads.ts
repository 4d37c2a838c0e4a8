/** Files on their way: asked for, sent, and then given to a conversation, once. */
import { newId } from './ids.ts';

export interface Upload {
  id: string;
  path: string;
  name: string;
  /** As it was announced. */
  length: number;
  bytes: Buffer | undefined;
  completed: boolean;
}

export class Uploads {
  readonly #all: Upload[] = [];

  begin(name: string, length: number): Upload {
    const upload = {
      id: newId('F'),
      path: `/upload/v1/${newId('U')}`,
      name,
      length,
      bytes: undefined,
      completed: false,
    };
    this.#all.push(upload);
    return upload;
  }

  at(path: string): Upload | undefined {
    return this.#all.find((upload) => upload.path === path);
  }

  find(id: string): Upload | undefined {
    return this.#all.find((upload) => upload.id === id);
  }
}
