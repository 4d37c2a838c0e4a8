import { Component, type ComponentChildren } from 'preact';

interface Props {
  children: ComponentChildren;
  /** What stands here: a message unless told. */
  what?: 'message' | 'window';
}

interface State {
  why: string | null;
  /** What could not be shown; anything else gets a try. */
  refused: ComponentChildren;
}

/** Keeps what can't be shown from taking the whole page along, and says so in its place. */
export class Refusable extends Component<Props, State> {
  override state: State = { why: null, refused: null };

  override componentDidCatch(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    // It gets a try whenever the page is drawn anew, which is often: the same reason is told once.
    if (why !== this.state.why) console.error(error);
    this.setState({ why, refused: this.props.children });
  }

  override render({ children, what = 'message' }: Props, { why, refused }: State): ComponentChildren {
    if (why === null || refused !== children) return children;
    return (
      <p class="bk-refused" role="alert">
        This page can't show this {what}: {why}
      </p>
    );
  }
}
