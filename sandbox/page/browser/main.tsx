import { render } from 'preact';
import { App } from './app.tsx';
import { Refusable } from './blocks/refusable.tsx';
import './theme.css';
import './page.css';
import './header.css';
import './messages.css';
import './composer.css';
import './controls.css';
import './panel.css';
import './visit.css';

const root = document.getElementById('page') ?? document.body;
render(
  <Refusable what="window">
    <App />
  </Refusable>,
  root,
);
