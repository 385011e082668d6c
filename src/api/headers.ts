/** What the command line says of itself, over the socket alone: that it is the command line, and who is logged in. */
export const CLIENT_HEADER = 'parlour-client';
export const LOGIN_HEADER = 'parlour-login';
export const COMMAND_LINE = 'command-line';
