export const memoryApp = () => ({ fetch: () => new Response() });
