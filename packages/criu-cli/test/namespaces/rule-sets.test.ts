// Rule sets of a checkpoint come back without the network lock of the dump.
import { expect, it } from 'vitest';
import { withoutLock } from '../../src/resources/namespaces/net/rule-sets.js';

const MINE = `table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy accept;
		counter packets 0 bytes 0 jump MINE
	}

	chain MINE {
		tcp dport 25 drop
	}
}
`;

it('leaves rules as they are', () => expect(withoutLock(MINE)).toBe(MINE));

it('leaves out the chain of CRIU, and what leads there', () => {
  const locked = MINE.replace(
    '\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;\n',
    `\tchain CRIU {
		meta mark 0x0000c114 counter packets 0 bytes 0 accept
		counter packets 1 bytes 72 drop
	}
	chain INPUT {
		type filter hook input priority filter; policy accept;
		counter packets 1 bytes 72 jump CRIU
`,
  );
  expect(locked).toContain('jump CRIU');
  expect(withoutLock(locked)).toBe(MINE);
});

it('leaves out a table of CRIU', () => {
  const table = `table inet CRIU-62 {
	chain input {
		type filter hook input priority filter; policy drop;
		meta mark 0x0000c114 accept
	}
}
`;
  expect(withoutLock(table + MINE)).toBe(MINE);
});
