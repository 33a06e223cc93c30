// Entry of the executable: the globals first, then the command as under Node.
import './globals.ts';
import '../main.ts';
