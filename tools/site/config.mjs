// The configuration of VitePress, copied to where the site is made.
import { defineConfig } from 'vitepress';
import { sections } from './pages.mjs';
import { slug } from './slug.mjs';

const link = (path) => `/${path.replace(/\.md$/, '')}`;

export default defineConfig({
  title: 'CRIU in TypeScript',
  description: 'Checkpoint and restore of running Linux processes',
  lang: 'en',
  cleanUrls: false,
  lastUpdated: false,
  // A link that leads nowhere is an error.
  ignoreDeadLinks: false,
  // Markdown only: what looks like an element in a document is text.
  markdown: {
    html: false,
    anchor: { slugify: slug },
    toc: { slugify: slug },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3], label: 'On this page' },
    nav: [
      { text: 'Command line', link: '/docs/cli' },
      { text: 'Troubleshooting', link: '/docs/troubleshooting' },
      { text: 'API', link: '/api/index' },
    ],
    sidebar: sections.map(({ text, pages }) => ({
      text,
      items: pages.map(([path, name]) => ({ text: name, link: link(path) })),
    })),
    docFooter: { prev: 'Before', next: 'Next' },
    footer: { message: 'GPL-2.0-only; @criu/images: MIT' },
  },
});
