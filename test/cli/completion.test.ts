/** What shells complete: each command and option, by the scripts that the program prints. */
import { spawnSync } from 'node:child_process';
import { allCommands } from '../docs/pages';
import { speak } from './speaking';

const script = async (shell: string): Promise<string> => {
  const said = await speak(['completion', shell]);
  expect(said).toMatchObject({ code: 0, err: '' });
  return said.out;
};

/** What bash offers for the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const run = `${await script('bash')}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _parlour; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', run, 'bash', 'parlour', ...words], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash: commands, those within a group, options, and the words that an argument takes', async () => {
  expect(await offered('roo')).toEqual(['rooms', 'room']);
  expect(await offered('room', 're')).toEqual(['rename']);
  expect(await offered('rooms', '--e')).toEqual(['--empty']);
  expect(await offered('rooms', 'destroy', '--n')).toEqual(['--number']);
  expect(await offered('affiliate', 'a', 'bob@y.lit', 'o')).toEqual(['owner']);
  expect(await offered('token', 'create', 'bot', '--sc')).toEqual(['--scope']);
  expect(await offered('completion', '')).toEqual(['bash', 'zsh', 'fish', '--help']);
});

test.each(['bash', 'zsh', 'fish'])('%s: every command and every option is in the script', async (shell) => {
  const text = await script(shell);
  for (const { name, command } of allCommands()) {
    expect(text).toContain(name.split(' ').at(-1));
    for (const { long } of command.options) expect(text).toContain(shell === 'fish' ? `-l ${(long ?? '').slice(2)}` : long);
  }
});

test('another shell is refused', async () => {
  expect((await speak(['completion', 'tcsh'])).code).toBe(2);
});
