// The pages of the site, in the order in which its sidebar has them: paths in the repository.
export const sections = [
  {
    text: 'Start',
    pages: [
      ['README.md', 'What it is'],
      ['docs/installing.md', 'Installing'],
      ['docs/coming-from-criu.md', 'Coming from CRIU'],
      ['docs/support.md', 'Support'],
      ['docs/troubleshooting.md', 'Troubleshooting'],
      ['docs/security.md', 'Security'],
    ],
  },
  {
    text: 'Use',
    pages: [
      ['docs/cli.md', 'Command line'],
      ['docs/containers.md', 'Containers'],
      ['docs/kubernetes.md', 'Kubernetes'],
      ['docs/files.md', 'Files'],
      ['docs/sockets.md', 'Sockets'],
      ['docs/networks.md', 'Networks'],
      ['docs/memory.md', 'Memory'],
      ['docs/hooks.md', 'Scripts and plugins'],
      ['docs/performance.md', 'Performance'],
    ],
  },
  {
    text: 'Packages',
    pages: [
      ['packages/criu-cli/README.md', '@criu/cli'],
      ['packages/crit/README.md', '@criu/crit'],
      ['packages/images/README.md', '@criu/images'],
      ['packages/compel/README.md', '@criu/compel'],
      ['packages/soccr/README.md', '@criu/soccr'],
      ['packages/plugin-cuda/README.md', '@criu/plugin-cuda'],
      ['native/README.md', '@criu/native'],
      ['api/index.md', 'Reference of the API'],
    ],
  },
  {
    text: 'Formats',
    pages: [
      ['docs/image-format.md', 'The image format'],
      ['docs/image-files.md', 'Every file and field'],
      ['docs/rpc.md', 'RPC'],
    ],
  },
  {
    text: 'Work on it',
    pages: [
      ['CONTRIBUTING.md', 'Contributing'],
      ['docs/architecture.md', 'Architecture'],
      ['docs/adding-a-resource.md', 'A new kind of state'],
      ['SECURITY.md', 'Reporting a fault'],
      ['CHANGELOG.md', 'Changes'],
    ],
  },
];

/** The sources of packages whose API has a reference. */
export const entryPoints = [
  'packages/criu-cli',
  'packages/crit',
  'packages/images',
  'packages/compel',
  'packages/soccr',
  'native',
];
